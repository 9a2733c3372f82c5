# syntax=docker/dockerfile:1
FROM rust:1.95-bookworm AS builder
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY src src
COPY templates templates
COPY migrations migrations
COPY static static
RUN cargo build --release --locked --bin sunbeon

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/sunbeon --create-home --shell /usr/sbin/nologin sunbeon
COPY --from=builder /build/target/release/sunbeon /usr/local/bin/sunbeon
USER sunbeon
WORKDIR /var/lib/sunbeon
VOLUME /var/lib/sunbeon
EXPOSE 8080
# Plain HTTP behind a proxy, the usual way. Where the container speaks TLS itself, set another health check.
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
    CMD ["/usr/local/bin/sunbeon", "check", "--alive", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["/usr/local/bin/sunbeon"]
CMD ["serve", "--config", "/etc/sunbeon/sunbeon.toml"]
