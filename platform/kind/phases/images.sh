# shellcheck shell=bash
# The bank's images: built from the checkout, brought to the nodes. Sourced by up.sh.

IMAGES=(functions edge)
IMAGE_PREFIX=dev.local/microbank # A prefix whose tags Knative does not try to resolve at a registry.

phase_images() {
  local name
  for name in "${IMAGES[@]}"; do
    step "build $IMAGE_PREFIX/$name:$TAG" build_image "$name"
    step "bring $IMAGE_PREFIX/$name:$TAG to the nodes" load_image "$name"
  done
}

# sources_tag: of every file that may go into an image, so that the same sources give the same tag, and a second run changes nothing.
sources_tag() {
  local sum=sha256sum
  command -v sha256sum >/dev/null || sum='shasum -a 256'
  # shellcheck disable=SC2086  # A command with its words.
  (
    cd "$CHECKOUT" || exit
    find functions eventing web platform package.json package-lock.json \
      -type d \( -name node_modules -o -name dist -o -name output -o -name tests -o -name kind -o -name docs -o -name overlays \) -prune \
      -o -type f ! -name '*.test.ts' ! -name '*.md' -print0 | LC_ALL=C sort -z | xargs -0 $sum
  ) | $sum | sed 's/^\(.\{12\}\).*/src-\1/'
}

# build_image NAME [ALONE]: by IMAGE_BUILDER, or by the engine that is there. ALONE is one function, or the Jobs, by itself: the image that is
# published of it.
build_image() {
  local image file=$CHECKOUT/platform/images/$1.Dockerfile options=()
  image=$IMAGE_PREFIX/${2:-$1}:$TAG
  if [ -n "${2:-}" ]; then options=(--build-arg "IMAGE=$2"); fi
  if [ -n "${IMAGE_BUILDER:-}" ]; then
    # shellcheck disable=SC2086  # A command with its words.
    $IMAGE_BUILDER -t "$image" -f "$file" ${options[@]+"${options[@]}"} "$CHECKOUT"
  elif [ "$(engine)" = docker ]; then
    docker buildx build --load --tag "$image" --file "$file" ${options[@]+"${options[@]}"} "$CHECKOUT"
  else
    podman build --tag "$image" --file "$file" ${options[@]+"${options[@]}"} "$CHECKOUT"
  fi
}

# load_image NAME: by IMAGE_LOADER, or by kind.
load_image() {
  local image
  image=$IMAGE_PREFIX/$1:$TAG
  if [ -n "${IMAGE_LOADER:-}" ]; then
    # shellcheck disable=SC2086  # A command with its words.
    $IMAGE_LOADER "$image"
  elif [ "$(engine)" = docker ]; then
    kind load docker-image "$image" --name "$CLUSTER"
  else
    podman save "$image" | kind load image-archive /dev/stdin --name "$CLUSTER"
  fi
}
