# All functions and the programs of Jobs, in one image: docker buildx build -f platform/images/functions.Dockerfile -t NAME .
# FUNCTION_TARGET chooses the function. With `--build-arg IMAGE=deposit` that function alone, with IMAGE=jobs the Jobs alone: what is
# published, so that a function whose code did not change is not built and does not roll. Not pinned by digest: the version is exact, and it is the one in package.json (tested).
FROM node:24.21.0-bookworm-slim AS node

FROM node AS packages
WORKDIR /src
COPY package.json package-lock.json ./
# No package's own scripts: none of them has to do with a bundle.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund

FROM packages AS bundle
COPY . .
ARG IMAGE=
RUN node platform/images/bundle.ts /bank "$IMAGE"

# The cache is made by the user, at the path and with the Node that will use it; otherwise it is silently not used.
FROM node AS cache
ENV NODE_COMPILE_CACHE=/bank/cache NODE_COMPILE_CACHE_PORTABLE=1
COPY --from=bundle /bank /bank
RUN mkdir /bank/cache && chown 10001:10001 /bank/cache
USER 10001:10001
RUN ["node", "/bank/warm-up.js"]

FROM node
# Nothing is installed in a running container.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* /opt/yarn*
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/bank/cache \
    NODE_COMPILE_CACHE_PORTABLE=1 \
    MIGRATIONS_FOLDER=/bank/migrations \
    TRIGGERS_FOLDER=/bank/triggers
WORKDIR /bank
COPY --from=cache /bank /bank
USER 10001:10001
EXPOSE 8080
# Node itself is process 1: it gets SIGTERM, and ends what is under way.
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["/bank/main.js"]
