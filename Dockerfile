# The ready server, from this repository: docker build -t tintype . ; docs/docker.md tells the rest.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm run pack

# What the server needs and nothing else, at the versions of the lock file; our own packages as they go to npm.
RUN mkdir /app && cp --parents package.json package-lock.json packages/*/package.json examples/*/package.json /app
WORKDIR /app
RUN npm ci --workspace=@tintype/server --omit=dev --ignore-scripts --no-audit --no-fund
WORKDIR /app/node_modules
RUN for one in tintype @tintype/*; do rm "$one" && mv "/src/dist/${one#@tintype/}" "$one"; done

# A decoder for the posters of videos, 69 MB.
ARG POSTERS=no
RUN test "$POSTERS" = yes || rm -r @napi-rs

# What takes rights away from the processes that read hostile files (docs/isolation.md), and a folder for the data.
RUN mkdir -p /tools/bin /tools/lib /data \
 && cd /usr/bin && cp env mount prlimit setpriv true unshare /tools/bin \
 && cd /usr/lib/*-linux-gnu && cp -L libblkid.so.1 libcap-ng.so.0 libmount.so.1 libpcre2-8.so.0 libselinux.so.1 \
    libsmartcols.so.1 /tools/lib

# Debian's libraries and Node: no package manager, and no programs but those copied here.
FROM gcr.io/distroless/nodejs24-debian12:nonroot
COPY --from=build /usr/bin/dash /bin/sh
COPY --from=build /tools/bin/ /usr/bin/
COPY --from=build /tools/lib/ /usr/lib/
COPY --from=build /app/node_modules/ /app/node_modules/
COPY --from=build --chown=65532:65532 /data/ /data/

# The embedded S3 and SQLite write to /data, and nothing writes anywhere else.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 TINTYPE_DATA=/data
WORKDIR /app
USER 65532:65532
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# One process, which is told of SIGTERM itself, and lets uploads under way finish.
ENTRYPOINT ["/nodejs/bin/node", "/app/node_modules/@tintype/server/bin/tintype.js"]
CMD ["serve"]
