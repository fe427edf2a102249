"""A small, exact simulator of Stripe Billing, driven by its clock.

    sim = Simulator(instant("2026-01-31"))
    price = sim.create_price(sim.create_product("TowPilot Standard"), 44_900)
    sub = sim.subscribe(sim.create_customer("Bluebird Towing", "ops@bluebird.example"), [(price, 1)])
    sim.advance(instant("2026-03-10"))
    sim.change_quantity(sub, 3)

`sim.account` is the Stripe account that came of it, in the newest API shape. Operations happen at `sim.now`,
and only `advance` moves it.
"""

from collections.abc import Sequence
from functools import partial
from typing import Literal

from eqho.stripe_simulator import render
from eqho.stripe_simulator.concessions import Concessions
from eqho.stripe_simulator.engine import PHASE, SimulationError
from eqho.stripe_simulator.state import ENDED, Phase, Schedule, Subscription


class Simulator(Concessions):
    def schedule_phases(
        self,
        subscription_id: str,
        phases: Sequence[tuple[int, Sequence[tuple[str, int]]]],
        end: int,
        *,
        end_behavior: Literal["release", "cancel"] = "release",
    ) -> str:
        """Phases to come, each (start, items): prices and quantities in the order of the items.

        The running state becomes the first phase; the last phase ends at `end`.
        """
        sub = self._living(subscription_id)
        if sub.schedule is not None:
            raise SimulationError(f"{subscription_id} already has the schedule {sub.schedule}.")
        running = tuple((i.price, i.quantity) for i in sub.items if i.quantity is not None)
        starts = [start for start, _ in phases]
        planned = [Phase(sub.period_start, starts[0], running)]
        for (start, items), phase_end in zip(phases, [*starts[1:], end], strict=True):
            planned.append(Phase(start, phase_end, tuple((self._priced(p, sub), q) for p, q in items)))
        schedule = self._new_schedule(sub.customer.id, planned, end_behavior)
        schedule.subscription = sub.id
        schedule.status = "active"
        schedule.current = 0
        sub.schedule = schedule.id
        self._publish_schedule(schedule, "created")
        self._publish(sub)
        for index in range(1, len(planned)):
            self._at(planned[index].start, partial(self._enter_phase, schedule, sub, index), PHASE)
        self._at(end, partial(self._complete, schedule, sub), PHASE)
        return schedule.id

    def schedule_start(self, customer_id: str, start: int, items: Sequence[tuple[str, int]], end: int) -> str:
        """A subscription that begins at `start`; released from the schedule at `end`."""
        phase = Phase(start, end, tuple((self._prices[price], quantity) for price, quantity in items))
        schedule = self._new_schedule(customer_id, [phase], "release")
        self._publish_schedule(schedule, "created")
        self._at(start, partial(self._begin, schedule), PHASE)
        return schedule.id

    def subscription_of(self, schedule_id: str) -> str | None:
        """The subscription a schedule has started."""
        return self._schedules[schedule_id].subscription

    def _new_schedule(
        self, customer_id: str, phases: list[Phase], end_behavior: Literal["release", "cancel"]
    ) -> Schedule:
        schedule = Schedule(
            self._ids.new("sub_sched"), self._customers[customer_id], self.now, phases, end_behavior
        )
        self._schedules[schedule.id] = schedule
        return schedule

    def _begin(self, schedule: Schedule) -> None:
        if schedule.customer.deleted:
            return
        phase = schedule.phases[0]
        subscription_id = self.subscribe(
            schedule.customer.id, [(price.id, quantity) for price, quantity in phase.items]
        )
        sub = self._subscriptions[subscription_id]
        schedule.subscription = sub.id
        schedule.status = "active"
        schedule.current = 0
        sub.schedule = schedule.id
        self._publish_schedule(schedule, "updated")
        self._publish(sub)
        self._at(phase.end, partial(self._complete, schedule, sub), PHASE)

    def _enter_phase(self, schedule: Schedule, sub: Subscription, index: int) -> None:
        """At the end of a period the renewal bills the new terms; inside one they are prorated."""
        if sub.status in ENDED or schedule.status != "active":
            return
        schedule.current = index
        phase = schedule.phases[index]
        licensed = [item for item in sub.items if item.quantity is not None]
        if len(licensed) != len(phase.items):
            raise SimulationError(f"Phase {index} of {schedule.id} does not name every item of {sub.id}.")
        wanted = {
            item.id: (price.id, quantity)
            for item, (price, quantity) in zip(licensed, phase.items, strict=True)
        }
        at_boundary = self.now == sub.period_end
        self.change(sub.id, wanted, proration="none" if at_boundary else "create_prorations")
        self._publish_schedule(schedule, "updated")

    def _complete(self, schedule: Schedule, sub: Subscription) -> None:
        if schedule.status != "active":
            return
        sub.schedule = None
        if sub.status in ENDED or schedule.end_behavior == "cancel":
            schedule.status = "completed"
            schedule.completed_at = self.now
            self._publish_schedule(schedule, "completed")
            if sub.status not in ENDED:
                self.cancel(sub.id)
            return
        schedule.status = "released"
        schedule.released_at = self.now
        self._publish_schedule(schedule, "released")
        self._publish(sub)

    def _publish_schedule(self, schedule: Schedule, change: str) -> None:
        self._emit(f"subscription_schedule.{change}", render.schedule(schedule))
