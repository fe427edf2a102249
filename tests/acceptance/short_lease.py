"""`python -m streamlit`, but a lease runs for five seconds after its holder was killed, not for thirty.

Who takes over waits for nothing else.
"""

from streamlit.web.cli import main

from eqho.refresh import job

job.LEASE_SECONDS = 5.0

if __name__ == "__main__":
    main()
