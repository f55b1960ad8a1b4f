# One image with the one binary; which part runs is the command (`proxy`, `collector`, `api`, `runner`, `simulator`, `migrate`, or `up`
# for all of them in one container). The embedded engines are not in it: give `DATABASE_URL` and `AOP_CLICKHOUSE_URL`.
FROM node:20-bookworm-slim AS ui
WORKDIR /build/ui
COPY ui/package.json ui/package-lock.json ui/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY ui ./
COPY api/openapi.json /build/api/openapi.json
RUN npm run build

FROM rust:1.95.0-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends cmake && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
COPY --from=ui /build/ui/dist ui/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin aop && cp target/release/aop /usr/local/bin/aop

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/aop --shell /usr/sbin/nologin aop \
    && install -d -m 0700 -o aop -g aop /var/lib/aop/data
COPY --from=build /usr/local/bin/aop /usr/local/bin/aop
# In a container its own loopback reaches nobody.
ENV AOP_LISTEN=0.0.0.0:8080 \
    AOP_DATA_DIR=/var/lib/aop/data \
    AOP_SPOOL_DIR=/var/lib/aop/data/spool
USER aop
VOLUME /var/lib/aop/data
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/aop"]
CMD ["proxy"]
