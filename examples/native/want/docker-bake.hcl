# Written by gen bake from xbuild.yaml, to be written again when that changes.
# docker buildx bake --push builds and pushes the images; bake test, bake dist and others do what their names say.

# Where images go: REGISTRY/IMAGE:TAG. Empty: images have no registry in their names.
variable "REGISTRY" {
  default = "ghcr.io/acme"
}

# What the names of images begin with.
variable "IMAGE_PREFIX" {
  default = REGISTRY != "" ? "${REGISTRY}/" : ""
}

# The tag of images, which have VERSION as another.
variable "TAG" {
  default = "latest"
}

# What {{.Version}} of the spec stands for, and org.opencontainers.image.version.
variable "VERSION" {
  default = ""
}

# The commit: org.opencontainers.image.revision.
variable "REVISION" {
  default = ""
}

# The address of the repository: org.opencontainers.image.source.
variable "SOURCE" {
  default = ""
}

# The time of all files, in seconds since 1970. Empty: 0.
variable "SOURCE_DATE_EPOCH" {
  default = ""
}

# The folder that binaries and dist write.
variable "DESTDIR" {
  default = "dist"
}

# Where caches are: each target has a tag of its own, which begins so.
variable "CACHE" {
  default = "ghcr.io/acme/native:buildcache"
}

# Whether caches are written, too. Pull requests only read them: who writes them decides what others link.
variable "CACHE_EXPORT" {
  default = true
}

group "default" {
  targets = ["native"]
}

target "_common" {
  context    = "."
  dockerfile = "xbuild.yaml"
  args = {
    VERSION           = VERSION != "" ? VERSION : null
    SOURCE_DATE_EPOCH = SOURCE_DATE_EPOCH != "" ? SOURCE_DATE_EPOCH : null
  }
  cache-from = [
    "type=registry,ref=${CACHE}-native",
    "type=registry,ref=${CACHE}-binaries",
    "type=registry,ref=${CACHE}-dist",
    "type=registry,ref=${CACHE}-test",
  ]
}

target "_image" {
  labels = {
    "org.opencontainers.image.version"  = VERSION != "" ? VERSION : null
    "org.opencontainers.image.revision" = REVISION != "" ? REVISION : null
    "org.opencontainers.image.source"   = SOURCE != "" ? SOURCE : null
  }
  attest = ["type=provenance,mode=min"]
}

target "docker-metadata-action" {
}

target "native" {
  inherits  = ["_common", "_image", "docker-metadata-action"]
  target    = "native"
  platforms = ["linux/amd64", "linux/arm64"]
  tags = [
    "${IMAGE_PREFIX}native:${replace(TAG, "+", "_")}",
    VERSION != "" ? "${IMAGE_PREFIX}native:${replace(VERSION, "+", "_")}" : "",
  ]
  cache-to = CACHE_EXPORT ? ["type=registry,ref=${CACHE}-native,mode=max,compression=zstd,image-manifest=true,oci-mediatypes=true"] : []
}

target "binaries" {
  inherits  = ["_common"]
  target    = "binaries"
  platforms = ["linux/amd64", "linux/arm64"]
  output    = ["type=local,dest=${DESTDIR}"]
  cache-to  = CACHE_EXPORT ? ["type=registry,ref=${CACHE}-binaries,mode=max,compression=zstd,image-manifest=true,oci-mediatypes=true"] : []
}

target "dist" {
  inherits  = ["_common"]
  target    = "dist"
  platforms = ["linux/amd64", "linux/arm64"]
  output    = ["type=local,dest=${DESTDIR}"]
  cache-to  = CACHE_EXPORT ? ["type=registry,ref=${CACHE}-dist,mode=max,compression=zstd,image-manifest=true,oci-mediatypes=true"] : []
}

target "test" {
  inherits = ["_common"]
  target   = "test"
  output   = ["type=cacheonly"]
  cache-to = CACHE_EXPORT ? ["type=registry,ref=${CACHE}-test,mode=max,compression=zstd,image-manifest=true,oci-mediatypes=true"] : []
}
