# Builds the binaries on this machine, without containers. Written by gen make: change the spec and
# run that again; gen make --check says whether it is due. Needs GNU make 4.0; make help lists the targets.
#
# The go command is asked about every binary. It compiles and links what differs by content, whatever
# the times of files say, and nothing else; a file in dist is written when its content is another.
# make V=1 shows the commands, and which packages are compiled.

GO ?= go

.PHONY: all
all: linux/amd64 linux/arm64

# What people set for themselves reaches no binary. It says where caches and modules are.
env := GODEBUG=goindex=0 GOENV=off GOFLAGS= GOTOOLCHAIN=local GOWORK=off
unexport GO111MODULE GO386 GOAMD64 GOARM GOARM64 GODEBUG GOEXPERIMENT GOFIPS140 GOMIPS GOMIPS64 GOPPC64 GORISCV64 GOWASM GOWORK
$(foreach v,GOAUTH GOCACHE GOINSECURE GOMODCACHE GONOPROXY GONOSUMDB GOPATH GOPRIVATE GOPROXY GOSUMDB GOVCS,$(eval export $(v) := $$(shell $$(GO) env $(v))))

# What is stamped into binaries: make VERSION=v1.2.3
hash := \#
empty :=
ARG_channel ?= beta
ARG_motd ?= a $(hash)1 $$tool\$(empty)
SOURCE_DATE_EPOCH ?= 0
DATE := $(shell date -u -d '@$(SOURCE_DATE_EPOCH)' +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r '$(SOURCE_DATE_EPOCH)' +%Y-%m-%dT%H:%M:%SZ)
DIRTY ?= $(if $(shell git status --porcelain --untracked-files=no 2>/dev/null),true,false)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null)
SOURCE ?= $(shell git config --get remote.origin.url | sed 's,//[^/@]*@,//,')
VERSION ?= $(or $(shell git describe --tags --always --abbrev=12 2>/dev/null),devel)
ARG_channel := $(ARG_channel)
ARG_motd := $(ARG_motd)
DIRTY := $(DIRTY)
REVISION := $(REVISION)
SOURCE := $(SOURCE)
VERSION := $(VERSION)
export ARG_channel ARG_motd DATE DIRTY REVISION SHORT_REVISION SOURCE VERSION
$(foreach v,ARG_motd REVISION SOURCE VERSION,$(if $(or $(findstring ',$($(v))),$(findstring ",$($(v)))),$(error $(v) holds a quote, which flags of the linker can't have)))
SHORT_REVISION := $(shell printf %.12s '$(REVISION)')

# C compilers: the machine's own for its own platform; name others.
host := $(shell $(GO) env GOHOSTOS)/$(shell $(GO) env GOHOSTARCH)
CC_linux_amd64 ?= $(if $(filter linux/amd64,$(host)),gcc)
CXX_linux_amd64 ?= $(if $(filter linux/amd64,$(host)),g++)
CC_linux_arm64 ?= $(if $(filter linux/arm64,$(host)),gcc)
CXX_linux_arm64 ?= $(if $(filter linux/arm64,$(host)),g++)

Q := $(if $(V),,@)
files := dist/lib-linux-amd64.so dist/lib-linux-amd64.h dist/notes-linux-amd64 dist/other-linux-amd64 dist/shop-linux-amd64 dist/tool-linux-amd64 dist/lib-linux-arm64.so dist/lib-linux-arm64.h dist/notes-linux-arm64 dist/other-linux-arm64 dist/shop-linux-arm64 dist/tool-linux-arm64
# Goals that are all files build no more than those: asked gives what of a list of FILE=PACKAGE it is.
goals := $(if $(filter-out $(files),$(MAKECMDGOALS)),,$(MAKECMDGOALS))
asked = $(foreach p,$(1),$(if $(goals),$(if $(filter $(firstword $(subst =, ,$(p))),$(goals)),$(lastword $(subst =, ,$(p)))),$(lastword $(subst =, ,$(p)))))
install = cmp -s $(1) $@ || { cp $(1) $@.new && mv -f $@.new $@ && echo $@; }

# linux/amd64
.PHONY: linux/amd64
linux/amd64: dist/other-linux-amd64 dist/shop-linux-amd64 dist/tool-linux-amd64 $(if $(CC_linux_amd64),dist/lib-linux-amd64.so dist/lib-linux-amd64.h dist/notes-linux-amd64)
	@$(if $(CC_linux_amd64),:,echo "left out for want of a C compiler: dist/lib-linux-amd64.so dist/lib-linux-amd64.h dist/notes-linux-amd64; name it with CC_linux_amd64=…" >&2)

.PHONY: .go/linux-amd64
.go/linux-amd64:
	@$(if $(CC_linux_amd64),:,echo "there is no C compiler for linux/amd64; name it with CC_linux_amd64=…" >&2; exit 1)
	$(Q)$(env) CGO_ENABLED=1 CHANNEL="$${ARG_channel}_$$DATE" GOAMD64=v1 GOARCH=amd64 GOOS=linux CC='$(CC_linux_amd64)' $(if $(CXX_linux_amd64),CXX='$(CXX_linux_amd64)') \
	$(GO) build $(if $(V),-v) -trimpath -buildvcs=false -buildmode=c-shared "-ldflags=-s -w -X 'main.version=$$VERSION' -X 'main.motd=$$ARG_motd for linux'" \
	-o dist/.go/linux-amd64/lib.so ./cmd/lib
dist/lib-linux-amd64.so: .go/linux-amd64
	@$(call install,dist/.go/linux-amd64/lib.so)
dist/lib-linux-amd64.h: .go/linux-amd64
	@$(call install,dist/.go/linux-amd64/lib.h)

.PHONY: .go/linux-amd64-2
.go/linux-amd64-2:
	@$(if $(CC_linux_amd64),:,echo "there is no C compiler for linux/amd64; name it with CC_linux_amd64=…" >&2; exit 1)
	$(Q)$(env) CGO_ENABLED=1 CHANNEL="$${ARG_channel}_$$DATE" GOAMD64=v1 GOARCH=amd64 GOOS=linux CC='$(CC_linux_amd64)' $(if $(CXX_linux_amd64),CXX='$(CXX_linux_amd64)') \
	$(GO) build $(if $(V),-v) -trimpath -buildvcs=false "-ldflags=-s -w -X 'main.version=$$VERSION' -X 'main.motd=$$ARG_motd for linux'" \
	-o dist/.go/linux-amd64-2/ ./cmd/notes
dist/notes-linux-amd64: .go/linux-amd64-2
	@$(call install,dist/.go/linux-amd64-2/notes)

.PHONY: .go/linux-amd64-3
.go/linux-amd64-3:
	$(Q)cd svc && $(env) CGO_ENABLED=0 CHANNEL="$${ARG_channel}_$$DATE" GOAMD64=v1 GOARCH=amd64 GOOS=linux \
	$(GO) build $(if $(V),-v) -trimpath -buildvcs=false '-run=it'\''s $$x `y`' -pgo=off "-ldflags=-s -w -X 'main.version=$$VERSION' -X 'main.motd=$$ARG_motd for linux'" \
	-o ../dist/.go/linux-amd64-3/ $(call asked,dist/other-linux-amd64=./cmd/other dist/tool-linux-amd64=./cmd/tool)
dist/other-linux-amd64: .go/linux-amd64-3
	@$(call install,dist/.go/linux-amd64-3/other)
dist/tool-linux-amd64: .go/linux-amd64-3
	@$(call install,dist/.go/linux-amd64-3/tool)

.PHONY: .go/linux-amd64-4
.go/linux-amd64-4: | $(if $(strip $(call asked,dist/other-linux-amd64=./cmd/other dist/tool-linux-amd64=./cmd/tool)),.go/linux-amd64-3)
ifeq ($(DIRTY),true)
	$(Q)$(env) CGO_ENABLED=0 CHANNEL="$${ARG_channel}_$$DATE" GOAMD64=v1 GOARCH=amd64 GOOS=linux \
	$(GO) build $(if $(V),-v) -trimpath -buildvcs=false "-ldflags=-s -w -X 'main.version=$$VERSION' -X 'main.motd=$$ARG_motd for linux' -X 'main.revision=$$SHORT_REVISION-dirty' -X 'main.source=$$SOURCE'" \
	-o dist/.go/linux-amd64-4/ ./cmd/shop
else
	$(Q)$(env) CGO_ENABLED=0 CHANNEL="$${ARG_channel}_$$DATE" GOAMD64=v1 GOARCH=amd64 GOOS=linux \
	$(GO) build $(if $(V),-v) -trimpath -buildvcs=false "-ldflags=-s -w -X 'main.version=$$VERSION' -X 'main.motd=$$ARG_motd for linux' -X 'main.revision=$$SHORT_REVISION' -X 'main.source=$$SOURCE'" \
	-o dist/.go/linux-amd64-4/ ./cmd/shop
endif
dist/shop-linux-amd64: .go/linux-amd64-4
	@$(call install,dist/.go/linux-amd64-4/shop)

# linux/arm64
.PHONY: linux/arm64
linux/arm64: dist/other-linux-arm64 dist/shop-linux-arm64 dist/tool-linux-arm64 $(if $(CC_linux_arm64),dist/lib-linux-arm64.so dist/lib-linux-arm64.h dist/notes-linux-arm64)
	@$(if $(CC_linux_arm64),:,echo "left out for want of a C compiler: dist/lib-linux-arm64.so dist/lib-linux-arm64.h dist/notes-linux-arm64; name it with CC_linux_arm64=…" >&2)

.PHONY: .go/linux-arm64
.go/linux-arm64:
	@$(if $(CC_linux_arm64),:,echo "there is no C compiler for linux/arm64; name it with CC_linux_arm64=…" >&2; exit 1)
	$(Q)$(env) CGO_ENABLED=1 CHANNEL="$${ARG_channel}_$$DATE" GOARCH=arm64 GOARM64=v8.0 GOOS=linux CC='$(CC_linux_arm64)' $(if $(CXX_linux_arm64),CXX='$(CXX_linux_arm64)') \
	$(GO) build $(if $(V),-v) -trimpath -buildvcs=false -buildmode=c-shared "-ldflags=-s -w -X 'main.version=$$VERSION' -X 'main.motd=$$ARG_motd for linux'" \
	-o dist/.go/linux-arm64/lib.so ./cmd/lib
dist/lib-linux-arm64.so: .go/linux-arm64
	@$(call install,dist/.go/linux-arm64/lib.so)
dist/lib-linux-arm64.h: .go/linux-arm64
	@$(call install,dist/.go/linux-arm64/lib.h)

.PHONY: .go/linux-arm64-2
.go/linux-arm64-2:
	@$(if $(CC_linux_arm64),:,echo "there is no C compiler for linux/arm64; name it with CC_linux_arm64=…" >&2; exit 1)
	$(Q)$(env) CGO_ENABLED=1 CHANNEL="$${ARG_channel}_$$DATE" GOARCH=arm64 GOARM64=v8.0 GOOS=linux CC='$(CC_linux_arm64)' $(if $(CXX_linux_arm64),CXX='$(CXX_linux_arm64)') \
	$(GO) build $(if $(V),-v) -trimpath -buildvcs=false "-ldflags=-s -w -X 'main.version=$$VERSION' -X 'main.motd=$$ARG_motd for linux'" \
	-o dist/.go/linux-arm64-2/ ./cmd/notes
dist/notes-linux-arm64: .go/linux-arm64-2
	@$(call install,dist/.go/linux-arm64-2/notes)

.PHONY: .go/linux-arm64-3
.go/linux-arm64-3:
	$(Q)cd svc && $(env) CGO_ENABLED=0 CHANNEL="$${ARG_channel}_$$DATE" GOARCH=arm64 GOARM64=v8.0 GOOS=linux \
	$(GO) build $(if $(V),-v) -trimpath -buildvcs=false '-run=it'\''s $$x `y`' -pgo=off "-ldflags=-s -w -X 'main.version=$$VERSION' -X 'main.motd=$$ARG_motd for linux'" \
	-o ../dist/.go/linux-arm64-3/ $(call asked,dist/other-linux-arm64=./cmd/other dist/tool-linux-arm64=./cmd/tool)
dist/other-linux-arm64: .go/linux-arm64-3
	@$(call install,dist/.go/linux-arm64-3/other)
dist/tool-linux-arm64: .go/linux-arm64-3
	@$(call install,dist/.go/linux-arm64-3/tool)

.PHONY: .go/linux-arm64-4
.go/linux-arm64-4: | $(if $(strip $(call asked,dist/other-linux-arm64=./cmd/other dist/tool-linux-arm64=./cmd/tool)),.go/linux-arm64-3)
ifeq ($(DIRTY),true)
	$(Q)$(env) CGO_ENABLED=0 CHANNEL="$${ARG_channel}_$$DATE" GOARCH=arm64 GOARM64=v8.0 GOOS=linux \
	$(GO) build $(if $(V),-v) -trimpath -buildvcs=false "-ldflags=-s -w -X 'main.version=$$VERSION' -X 'main.motd=$$ARG_motd for linux' -X 'main.revision=$$SHORT_REVISION-dirty' -X 'main.source=$$SOURCE'" \
	-o dist/.go/linux-arm64-4/ ./cmd/shop
else
	$(Q)$(env) CGO_ENABLED=0 CHANNEL="$${ARG_channel}_$$DATE" GOARCH=arm64 GOARM64=v8.0 GOOS=linux \
	$(GO) build $(if $(V),-v) -trimpath -buildvcs=false "-ldflags=-s -w -X 'main.version=$$VERSION' -X 'main.motd=$$ARG_motd for linux' -X 'main.revision=$$SHORT_REVISION' -X 'main.source=$$SOURCE'" \
	-o dist/.go/linux-arm64-4/ ./cmd/shop
endif
dist/shop-linux-arm64: .go/linux-arm64-4
	@$(call install,dist/.go/linux-arm64-4/shop)

.PHONY: test
test:
	$(Q)$(env) CGO_ENABLED=0 CHANNEL="$${ARG_channel}_$$DATE" GOAMD64=v1 $(GO) vet -buildvcs=false ./...
	$(Q)$(env) CGO_ENABLED=0 CHANNEL="$${ARG_channel}_$$DATE" GOAMD64=v1 $(GO) test -count=1 -buildvcs=false ./...

.PHONY: vet
vet:
	$(Q)$(env) CGO_ENABLED=0 CHANNEL="$${ARG_channel}_$$DATE" GOAMD64=v1 $(GO) vet -buildvcs=false ./...

SHA256SUM ?= $(if $(shell command -v sha256sum),sha256sum,shasum -a 256)
.PHONY: checksums
checksums: all
	@cd dist && $(SHA256SUM) $(sort other-linux-amd64 shop-linux-amd64 tool-linux-amd64 other-linux-arm64 shop-linux-arm64 tool-linux-arm64 $(if $(CC_linux_amd64),lib-linux-amd64.so lib-linux-amd64.h notes-linux-amd64) $(if $(CC_linux_arm64),lib-linux-arm64.so lib-linux-arm64.h notes-linux-arm64)) > SHA256SUMS

.PHONY: clean
clean:
	$(Q)rm -rf dist/.go
	$(Q)rm -f dist/SHA256SUMS $(files)
	@rmdir dist 2>/dev/null || true

.PHONY: help
help:
	@echo 'make [-j]        every binary for every platform'
	@echo 'make PLATFORM    those of linux/amd64, linux/arm64'
	@echo 'make FILE        one of:'
	@printf '                   %s\n' $(files)
	@echo 'make test, vet   what the targets of the spec run, on this machine'
	@echo 'make checksums   all, and dist/SHA256SUMS'
	@echo 'make clean       remove what was made'
	@echo 'make ARG_channel=…  what is stamped, it is now:' "$$ARG_channel"
	@echo 'make ARG_motd=…   what is stamped, it is now:' "$$ARG_motd"
	@echo 'make DATE=…       what is stamped, it is now:' "$$DATE"
	@echo 'make DIRTY=…      what is stamped, it is now:' "$$DIRTY"
	@echo 'make REVISION=…   what is stamped, it is now:' "$$REVISION"
	@echo 'make SOURCE=…     what is stamped, it is now:' "$$SOURCE"
	@echo 'make VERSION=…    what is stamped, it is now:' "$$VERSION"
