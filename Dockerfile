# feedsvc with all that it needs past one machine: PostgreSQL's driver and the queue.
#   docker build --tag feedsvc .                  (podman build --format docker, or the check of health is left out)
#   docker run --publish 127.0.0.1:8000:8000 --volume "$PWD/config.toml:/etc/feedsvc/config.toml:ro" \
#     --volume "$PWD/feeds/incoming:/etc/feedsvc/feeds/incoming:ro" --volume feedsvc:/etc/feedsvc/feeds feedsvc run
# The volume keeps the database of SQLite; a folder in its place must belong to 10001, the user of the image.
# Every Python package is pinned, with hashes, by requirements-scale.txt. The image below is pinned by its name alone:
# name it with its digest (python:…@sha256:…) where you want the same base in every build.
ARG BASE=python:3.13-slim-bookworm

# ------------------------------------------------------------------------------------------ what is needed to install
# hadolint ignore=DL3006
FROM ${BASE} AS build
WORKDIR /src
COPY requirements-scale.txt ./
RUN python -m venv /opt/feedsvc \
 && /opt/feedsvc/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-scale.txt
# The program after what it stands on: a change of it installs nothing else anew.
COPY pyproject.toml README.md LICENSE ./
COPY feedsvc feedsvc
RUN /opt/feedsvc/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

# ------------------------------------------------------------------------------------------- what is needed to run
# hadolint ignore=DL3006
FROM ${BASE}
RUN groupadd --system --gid 10001 feedsvc \
 && useradd --no-create-home --uid 10001 --gid 10001 --home-dir /var/lib/feedsvc --shell /usr/sbin/nologin feedsvc \
 && install --directory --owner=feedsvc --group=feedsvc /var/lib/feedsvc /etc/feedsvc/feeds
COPY --from=build /opt/feedsvc /opt/feedsvc
ENV PATH=/opt/feedsvc/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FEEDSVC_CONFIG=/etc/feedsvc/config.toml \
    FEEDSVC_BIND=0.0.0.0:8000
# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /var/lib/feedsvc
EXPOSE 8000
STOPSIGNAL SIGTERM
# Alive, not ready: while the database is away a server still answers from memory, and must not be taken down for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["feedsvc"]
CMD ["serve"]
