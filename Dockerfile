FROM python:3.11.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    EQHO_DATA_DIR=/var/lib/eqho \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0

RUN useradd --system --user-group --no-create-home --home-dir /var/lib/eqho eqho \
    && install -d -o eqho -g eqho -m 700 /var/lib/eqho

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .

USER eqho
EXPOSE 8501
VOLUME /var/lib/eqho

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/health', timeout=4)"]

CMD ["streamlit", "run", "dashboard.py"]
