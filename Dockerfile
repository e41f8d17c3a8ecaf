# The hub as a small image without a shell, run by nobody in particular.
#
#   docker build --tag confab .
#
# The database engine takes most of the time; the caches keep it for the next build.

FROM node:20-bookworm-slim AS web
WORKDIR /src
COPY web web
COPY docs/openapi.json docs/openapi.json
RUN --mount=type=cache,target=/var/cache/npm cd web && npm ci --cache /var/cache/npm && npm run build

FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends clang cmake && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Cargo.toml Cargo.lock clippy.toml ./
COPY .cargo .cargo
COPY crates crates
COPY docs docs
COPY loadtest loadtest
COPY nats nats
COPY xtask xtask
COPY --from=web /src/web/dist web/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --workspace --bins && install -D target/release/confab /out/confab

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/confab /usr/bin/confab
USER 65532:65532
EXPOSE 8480
ENTRYPOINT ["/usr/bin/confab"]
CMD ["help"]
