# mod_gojk: make help prints the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := all

APXS   ?= $(shell command -v apxs2 2>/dev/null || command -v apxs 2>/dev/null)
GO     ?= go
BUILD  := build
MPM    ?= event

GO_SOURCES := $(shell find ajp balancer module '(' -name '*.go' -o -name '*.c' ')' -not -name '*_test.go' 2>/dev/null) go.mod go.sum
C_WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror

# Only gojk_go_* leave the library; the linker wants the absolute path of the version script.
GO_LDFLAGS := -s -w -extldflags "-Wl,--version-script=$(CURDIR)/module/libgojk.map -Wl,-z,relro -Wl,-z,now"

export GOFLAGS ?= -buildvcs=false

.PHONY: all deps install demo demo-check test unit abi integration oracle integration-all tomcat bench bench-quick lint fuzz race docs clean help

all: deps $(BUILD)/mod_gojk.so $(BUILD)/libgojk.so check-symbols ## build the module and the library into build/

$(BUILD)/mod_gojk.so: cgo_bridge.c mod_gojk.h Makefile | $(BUILD)
	@mkdir -p $(BUILD)/shim && cp cgo_bridge.c mod_gojk.h $(BUILD)/shim/
	@cd $(BUILD)/shim && $(APXS) -c $(addprefix -Wc$(comma),-std=gnu11 -O2 -fvisibility=hidden $(C_WARNINGS)) -n gojk -o mod_gojk.la cgo_bridge.c -ldl > apxs.log 2>&1 || { cat apxs.log; exit 1; }
	@cp $(BUILD)/shim/.libs/mod_gojk.so $@
	@echo "built $@"

comma := ,

$(BUILD)/libgojk.so: $(GO_SOURCES) mod_gojk.h module/libgojk.map Makefile | $(BUILD)
	@CGO_ENABLED=1 $(GO) build -trimpath -buildmode=c-shared -ldflags '$(GO_LDFLAGS)' -o $@ ./module
	@echo "built $@ ($$($(GO) env GOVERSION))"

$(BUILD):
	@mkdir -p $@

# The shim with sanitizers; the library is as it is. The tests preload what the shim needs then.
SANITIZE := -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined -g
.PHONY: asan
asan: $(BUILD)/asan/mod_gojk.so $(BUILD)/asan/libgojk.so ## the shim with AddressSanitizer, into build/asan/ (make integration BESIDE=asan)

$(BUILD)/asan/mod_gojk.so: cgo_bridge.c mod_gojk.h Makefile | $(BUILD)
	@mkdir -p $(BUILD)/asan/shim && cp cgo_bridge.c mod_gojk.h $(BUILD)/asan/shim/
	@cd $(BUILD)/asan/shim && $(APXS) -c $(addprefix -Wc$(comma),-std=gnu11 -O1 -fvisibility=hidden $(SANITIZE) $(C_WARNINGS)) $(addprefix -Wl$(comma),$(SANITIZE)) -n gojk -o mod_gojk.la cgo_bridge.c -ldl > apxs.log 2>&1 || { cat apxs.log; exit 1; }
	@cp $(BUILD)/asan/shim/.libs/mod_gojk.so $@
	@echo "built $@"

$(BUILD)/asan/libgojk.so: $(BUILD)/libgojk.so | $(BUILD)/asan/mod_gojk.so
	@cp $< $@

.PHONY: cgocheck
cgocheck: $(BUILD)/cgocheck/libgojk.so $(BUILD)/cgocheck/mod_gojk.so ## the library with every check of cgo's pointer rules, into build/cgocheck/ (make integration BESIDE=cgocheck)

$(BUILD)/cgocheck/libgojk.so: $(BUILD)/libgojk.so
	@mkdir -p $(BUILD)/cgocheck
	@CGO_ENABLED=1 GOEXPERIMENT=cgocheck2 $(GO) build -trimpath -buildmode=c-shared -ldflags '$(GO_LDFLAGS)' -o $@ ./module
	@echo "built $@"

$(BUILD)/cgocheck/mod_gojk.so: $(BUILD)/mod_gojk.so | $(BUILD)/cgocheck/libgojk.so
	@cp $< $@

.PHONY: check-symbols
check-symbols: $(BUILD)/mod_gojk.so $(BUILD)/libgojk.so
	@bash test/abi/check-symbols.sh $(BUILD)/mod_gojk.so $(BUILD)/libgojk.so

deps: ## install what building and testing need and is missing (apt as root or through sudo, Go modules)
	@bash test/deps.sh

install: all ## install into httpd's modules folder, with the configuration of apxs.conf (Debian: then a2enmod gojk)
	@bash test/install.sh "$(APXS)" "$(BUILD)" "$(DESTDIR)"

demo: all ## start httpd, mod_gojk and two Tomcats with a shared session; Ctrl-C ends it
	@$(GO) build -o $(BUILD)/demo ./test/tomcat/demo && exec $(BUILD)/demo -modules $(BUILD)

demo-check: all ## the same without a person: kill a Tomcat under load, see the session go on, exit 0
	@$(GO) build -o $(BUILD)/democheck ./test/tomcat/democheck && exec $(BUILD)/democheck -modules $(BUILD)

test: all asan cgocheck ## all tests
	@bash test/run.sh

unit: deps ## the Go packages' own tests
	$(GO) vet ./...
	$(GO) test ./ajp/... ./balancer/... ./module/...

race: deps ## the Go packages' own tests under the race detector
	$(GO) test -race ./ajp/... ./balancer/... ./module/internal/...

abi: all ## boundary: contract, stub host, stub library, fork
	$(GO) test -count=1 ./test/abi/...

integration: all $(filter asan cgocheck,$(subst $(comma), ,$(BESIDE))) ## through a real httpd; MPM=event, worker or prefork; BESIDE=modules, jk, stack, piped, asan, cgocheck (CONTRIBUTING.md)
	$(if $(findstring cgocheck,$(BESIDE)),GOEXPERIMENT=cgocheck2) GOJK_MPM=$(MPM) GOJK_BESIDE=$(BESIDE) $(GO) test -count=1 ./test/harness/... ./test/httpd/...

integration-all: all asan cgocheck ## the same under every process model and in all surroundings, about an hour
	@bash test/matrix.sh

tomcat: all ## through a real httpd to real Tomcats
	$(GO) test -count=1 ./test/tomcat/...

oracle: all ## beside Debian's mod_jk: the same steps through both, differences listed
	$(GO) run ./test/oracle

bench: all ## every workload of docs/performance.md beside mod_jk and mod_proxy_ajp, and its figures; half an hour
	$(GO) run ./test/bench

bench-quick: all ## the small GETs only, nothing written; two minutes
	$(GO) run ./test/bench -quick

lint: deps ## formatting, vet, import rules, shell scripts
	@bash test/lint.sh

fuzz: deps ## every fuzz target, FUZZTIME (default 20000x) runs each
	@bash test/fuzz.sh

docs: all ## render the reference tables in docs/ from the tables in the code
	$(GO) test ./module/internal/config/ ./test/docs/ -update

clean: ## remove build/
	rm -rf $(BUILD)

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
