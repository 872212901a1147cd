# The edge: nginx with the pages and the documents that describe the API: docker buildx build -f platform/images/edge.Dockerfile -t NAME .
# Not pinned by digest: versions are exact.
FROM node:24.21.0-bookworm-slim AS node

FROM node AS packages
WORKDIR /src
COPY package.json package-lock.json ./
# No package's own scripts: none of them has to do with the pages.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund

FROM packages AS files
COPY . .
RUN node platform/images/edge-pages.ts /srv/edge/pages
# The pages are built in a folder that is for its owner alone.
RUN node platform/edge/write-documents.ts /srv/edge/documents && chmod -R a+rX /srv/edge
# Of files that differ between old and new nginx, the image takes those for its own.
FROM nginxinc/nginx-unprivileged:1.28.0-alpine-slim
USER 0
COPY platform/edge/image /etc/edge/images
RUN case "$(nginx -v 2>&1)" in \
      *nginx/1.2[0-4].*) mv /etc/edge/images/debian-12 /etc/edge/image ;; \
      *) mv /etc/edge/images/official /etc/edge/image ;; \
    esac && rm -rf /etc/edge/images
# On a cluster a ConfigMap with the same files lies over it.
COPY platform/base/edge/nginx /etc/edge/nginx
COPY --from=files /srv/edge /srv/edge
USER 10001:10001
EXPOSE 8080 8443
# Lets requests end, which SIGTERM does not.
STOPSIGNAL SIGQUIT
ENTRYPOINT ["nginx", "-e", "stderr", "-c", "/etc/edge/nginx/nginx.conf"]
CMD []
