# Any image with Node.js 24, npm and a shell.
ARG NODE_IMAGE=node:24-alpine

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The runtime comes with the image: no package needs its install script here.
RUN npm ci --ignore-scripts
COPY script/lib/bundle-program.ts script/lib/
COPY src src
RUN npm run build:engine && npm run build:program

# The final root file system: Node.js with its libraries, the exporter, and nothing else.
RUN set -e; \
    root=/image-root; \
    for file in "$(command -v node)" $(ldd "$(command -v node)" | grep -o '/[^ ]*' | sort -u); do \
      mkdir -p "$root$(dirname "$file")"; \
      cp -L "$file" "$root$file"; \
    done; \
    mkdir -p "$root/app" "$root/etc" "$root/tmp"; \
    chmod 1777 "$root/tmp"; \
    ln -s "$(command -v node)" "$root/node"; \
    echo 'exporter:x:65532:65532::/:/nonexistent' > "$root/etc/passwd"; \
    echo 'exporter:x:65532:' > "$root/etc/group"; \
    cp -R dist package.json "$root/app/"

FROM scratch
COPY --from=build /image-root /
WORKDIR /app
ENV NODE_ENV=production
USER 65532:65532
EXPOSE 9102
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/node", "dist/main.js", "health"]
ENTRYPOINT ["/node", "dist/main.js"]
ARG VERSION=0.0.0-dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ecs-service-metrics-exporter" \
      org.opencontainers.image.description="Prometheus exporter for the labelled containers of an ECS container instance" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
