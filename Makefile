# pdf2md: build, test, run. `make help` lists the targets.
#
# Everything built lands under build/, everything fetched under .deps/ (kept by `make clean`).
# It works on a machine with nothing but git, make and apt: what is missing is installed first
# (scripts/deps.sh), so nothing here may need a compiler or pkg-config while make reads this file.

BUILD   ?= build
DEPS    := .deps
TORCH   := $(DEPS)/site/torch
PYTHON  ?= /usr/bin/python3

CXX      ?= g++
CXXFLAGS ?= -O2 -g
BASE     := -std=c++20 -I. -MMD -MP -fPIC -Wall -Wextra -Wno-unused-parameter -DMSGPACK_NO_BOOST $(SANITIZE)
# The old kind of run path: it holds for the libraries of our libraries too, as the bundle needs.
LDFLAGS  += $(SANITIZE) -Wl,--disable-new-dtags -Wl,-rpath,'$$ORIGIN/../lib'

# As many jobs as there are processors, and at 1 GB a compiler as the memory holds; -jN overrides.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell awk -v n="$$(nproc)" '/^MemAvailable/ { m = int($$2 / 1000000) } \
               END { print m < 1 ? 1 : m < n ? m : n }' /proc/meminfo) --no-print-directory
endif

# Per-library flags, kept to the folders that may use the library (`make check` verifies it).
POPPLER_CFLAGS = $(shell pkg-config --cflags poppler)
POPPLER_LIBS   = $(shell pkg-config --libs poppler fontconfig)
PICTURE_LIBS   := -ljpeg -lturbojpeg -lpng -ltiff -lwebp
TESSERACT_CFLAGS = $(shell pkg-config --cflags tesseract)
TESSERACT_LIBS   = $(shell pkg-config --libs tesseract)
BOOK_CFLAGS     = $(shell pkg-config --cflags libxml-2.0)
BOOK_LIBS      := -lxml2 -lzip
TORCH_CFLAGS   := -I$(BUILD)/pch -isystem $(TORCH)/include -isystem $(TORCH)/include/torch/csrc/api/include
TORCH_LIBS     := -L$(TORCH)/lib -Wl,--no-as-needed -ltorch_cpu -lc10 -Wl,--as-needed \
                  -Wl,-rpath,'$$ORIGIN/../site/torch/lib:$$ORIGIN/../../$(TORCH)/lib'

# --- what is built from what ---------------------------------------------------------------------
sources = $(sort $(wildcard $(addsuffix /*.cc,$(1))))
objects = $(patsubst %.cc,$(BUILD)/obj/%.o,$(1))

PROTO      := $(call sources,proto)
DOCUMENT   := $(call sources,document)
MODELS     := $(call sources,models models/cuda models/onnx models/roles)
SUPERVISOR := $(filter-out %/main.cc,$(call sources,daemon/supervisor))
# Faults that tests inject come in two variants, of which a program is linked with one.
WORKER     := $(filter-out %/main.cc %/faults_none.cc %/faults_injected.cc,$(call sources,daemon/worker))
SANDBOX    := $(call sources,daemon/sandbox)
SCRIPTS    := $(filter-out %/main.cc,$(call sources,daemon/script_reader))
READER     := $(filter-out %/main.cc %/faults_none.cc %/faults_injected.cc,$(call sources,daemon/reader))
HTTP       := $(filter-out %/main.cc,$(call sources,daemon/http))
CTL        := $(filter-out %/main.cc,$(call sources,ctl))
UNIT       := $(call sources,tests/unit)
PROCESS    := $(call sources,tests/process)
MODEL      := $(call sources,tests/model)
TOOLS      := $(call sources,tests/tools)
FUZZ       := $(filter-out connection,$(patsubst tests/fuzz/%_fuzz.cc,%,$(wildcard tests/fuzz/*_fuzz.cc)))

lib = $(BUILD)/lib/lib$(1).a
LIBS := $(foreach l,proto document models supervisor worker sandbox reader script_reader http ctl,$(call lib,$(l)))
PROGRAMS := $(addprefix $(BUILD)/bin/,pdf2mdd pdf2md-worker pdf2md-reader pdf2md-script-reader pdf2md-http pdf2mdctl)
TOOL_PROGRAMS := $(patsubst tests/tools/%.cc,$(BUILD)/bin/%,$(TOOLS))
# Those without torch, for the sanitizers.
PLAIN_TESTS   := $(addprefix $(BUILD)/bin/,$(if $(UNIT),unit_tests) $(if $(PROCESS),process_tests fake-worker))
TEST_PROGRAMS := $(PLAIN_TESTS) $(if $(MODEL),$(BUILD)/bin/model_tests) $(TOOL_PROGRAMS)
MANIFEST := $(if $(wildcard models/manifest.toml),$(DEPS)/models/manifest.toml)

.DEFAULT_GOAL := all
all: $(PROGRAMS) $(MANIFEST)

$(call lib,proto):      $(call objects,$(PROTO))
$(call lib,document):   $(call objects,$(DOCUMENT))
$(call lib,models):     $(call objects,$(MODELS))
$(call lib,supervisor): $(call objects,$(SUPERVISOR))
$(call lib,worker):     $(call objects,$(WORKER))
$(call lib,sandbox):    $(call objects,$(SANDBOX))
$(call lib,reader):     $(call objects,$(READER))
$(call lib,script_reader): $(call objects,$(SCRIPTS))
$(call lib,http):       $(call objects,$(HTTP))
$(call lib,ctl):        $(call objects,$(CTL))
$(LIBS):
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/bin/pdf2mdd: $(BUILD)/obj/daemon/supervisor/main.o $(call lib,supervisor) $(call lib,proto)
	$(link) -luv -lsqlite3 -lcrypto
WORKER_PARTS := $(BUILD)/obj/daemon/worker/main.o $(foreach l,worker models document proto,$(call lib,$(l)))
READER_PARTS := $(BUILD)/obj/daemon/reader/main.o $(foreach l,reader sandbox document proto,$(call lib,$(l)))
$(BUILD)/bin/pdf2md-worker: $(BUILD)/obj/daemon/worker/faults_none.o $(WORKER_PARTS)
	$(link) $(TORCH_LIBS) -lpng -lcrypto -ldl -pthread
$(BUILD)/bin/pdf2md-reader: $(BUILD)/obj/daemon/reader/faults_none.o $(READER_PARTS)
	$(link) $(POPPLER_LIBS) $(PICTURE_LIBS) $(BOOK_LIBS) -lz -lseccomp
$(BUILD)/bin/pdf2md-script-reader: $(BUILD)/obj/daemon/script_reader/main.o $(foreach l,script_reader sandbox document proto,$(call lib,$(l)))
	$(link) $(TESSERACT_LIBS) -lseccomp
$(BUILD)/bin/pdf2mdctl: $(BUILD)/obj/ctl/main.o $(call lib,ctl) $(call lib,proto)
	$(link) -lncursesw -ltinfo

$(BUILD)/bin/pdf2md-http: $(BUILD)/obj/daemon/http/main.o $(foreach l,http ctl proto,$(call lib,$(l)))
	$(link) -lcpp-httplib -pthread

# The programs once more, with faults that tests can inject (daemon/*/faults_injected.cc says how).
HOOKED := $(patsubst $(BUILD)/bin/%,$(BUILD)/hooks/%,$(PROGRAMS))
hooks: $(HOOKED) $(MANIFEST)
$(BUILD)/hooks/pdf2md-worker: $(BUILD)/obj/daemon/worker/faults_injected.o $(WORKER_PARTS)
	$(link) $(TORCH_LIBS) -lpng -lcrypto -ldl -pthread
$(BUILD)/hooks/pdf2md-reader: $(BUILD)/obj/daemon/reader/faults_injected.o $(READER_PARTS)
	$(link) $(POPPLER_LIBS) $(PICTURE_LIBS) $(BOOK_LIBS) -lz -lseccomp
$(BUILD)/hooks/%: $(BUILD)/bin/%
	@mkdir -p $(@D)
	@ln -f $< $@  # not cp: the old one may be running

link = @mkdir -p $(@D); echo "  link  $@"; $(CXX) $(LDFLAGS) -o $@ $(filter %.o %.a,$^)

# --- compiling -----------------------------------------------------------------------------------
# What this run installs: the tests and the checks need more.
NEEDS_CHECK := $(filter check fuzz fuzz-connection,$(MAKECMDGOALS))
NEEDS_TEST  := $(filter test chaos flood bench-operations bench-throughput bench-models asan tsan bundle gpu-check systemd-check %_tests %/fake-worker $(TOOL_PROGRAMS),$(MAKECMDGOALS))$(NEEDS_CHECK)
SECTIONS    := $(if $(NEEDS_TEST),test) $(if $(NEEDS_CHECK),check)
READY       := $(DEPS)/ready$(if $(NEEDS_TEST),-test)$(if $(NEEDS_CHECK),-check)

$(BUILD)/obj/%.o: %.cc | $(READY)
	@mkdir -p $(@D)
	@echo "  c++   $<"
	@$(CXX) $(EXTRA) $(BASE) $(CXXFLAGS) -c $< -o $@

$(BUILD)/obj/daemon/reader/%.o: EXTRA = $(POPPLER_CFLAGS) $(BOOK_CFLAGS)
$(BUILD)/obj/tests/fuzz/book_fuzz.o: EXTRA = $(BOOK_CFLAGS)
$(BUILD)/obj/daemon/script_reader/%.o: EXTRA = $(TESSERACT_CFLAGS)
ifneq ($(SANITIZE),)
# Poppler hides the type information of some of its classes, which this check asks for.
$(BUILD)/obj/daemon/reader/%.o: override CXXFLAGS += -fno-sanitize=vptr
# The tests are most of what is compiled, and need not be fast themselves.
$(BUILD)/obj/tests/unit/%.o $(BUILD)/obj/tests/process/%.o: override CXXFLAGS = -O0 -g1
endif
$(BUILD)/obj/models/%.o: EXTRA = $(TORCH_CFLAGS) -include models/aten.h
# Pure, and tested without libtorch.
$(BUILD)/obj/models/failure.o $(BUILD)/obj/models/image.o: EXTRA =
$(BUILD)/obj/tests/model/%.o $(BUILD)/obj/tests/bench/%.o: EXTRA = $(TORCH_CFLAGS) -include models/aten.h
# Another libtorch, another ABI: everything that includes it is compiled again.
$(call objects,$(filter-out models/failure.cc models/image.cc,$(MODELS)) $(MODEL) tests/bench/models_bench.cc): $(BUILD)/pch/models/aten.h.gch

# ATen's header costs 6 s a file, precompiled 1.5 s. It must come first (-include), and its folder before
# -I. ; the copy beside it is what a later #include finds.
$(BUILD)/pch/models/aten.h.gch: models/aten.h scripts/wheels.lock | $(READY)
	@mkdir -p $(@D)
	@echo "  pch   $<"
	@cp -p $< $(BUILD)/pch/models/aten.h
	@$(CXX) $(TORCH_CFLAGS) $(filter-out -MMD -MP,$(BASE)) $(CXXFLAGS) -x c++-header $< -o $@

# The build id is a hash of every source that ends up in a program.
ID_SOURCES := $(sort $(wildcard proto/*.h proto/*.cc document/*.h document/*.cc models/*.h models/*.cc \
                models/*/*.h models/*/*.cc daemon/*/*.h daemon/*/*.cc ctl/*.h ctl/*.cc) Makefile)
$(BUILD)/obj/proto/version.o: EXTRA = -DPDF2MD_BUILD_ID='"$(shell cat $(ID_SOURCES) | sha256sum | cut -c1-16)"'
$(BUILD)/obj/proto/version.o: $(ID_SOURCES)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

# --- fetching ------------------------------------------------------------------------------------
$(READY): scripts/deps.sh scripts/apt.txt scripts/wheels.lock
	@scripts/deps.sh $(SECTIONS)
	@touch $@ $(DEPS)/ready
deps:
	@scripts/deps.sh
	@touch $(DEPS)/ready

ifneq ($(MANIFEST),)
$(MANIFEST): models/manifest.toml | $(READY)
	@cp $< $@
endif

# --- running -------------------------------------------------------------------------------------
# Only Markdown on stdout.
run:
	@test -n "$$FILE" || { echo 'usage: make run FILE=paper.pdf' >&2; exit 2; }
	@$(MAKE) -s all >&2
	@exec $(BUILD)/bin/pdf2mdctl convert "$$FILE"

# --- tests ---------------------------------------------------------------------------------------
# The parts of the reader that need no poppler. Not its library: that brings an allocator of its own.
PURE_READER := $(addprefix daemon/reader/,file_type.cc fax_samples.cc flate_samples.cc jpeg_rows.cc picture.cc picture_marks.cc resample.cc)
PICTURE_DECODERS := $(sort $(wildcard daemon/reader/picture_*.cc))
BOOK_PARSERS     := $(sort $(wildcard daemon/reader/book_*.cc)) $(addprefix daemon/reader/,run_builder.cc xml_tree.cc)
$(BUILD)/bin/unit_tests: $(call objects,$(UNIT) models/failure.cc models/image.cc $(PURE_READER) daemon/http/listen_address.cc daemon/http/replies.cc) $(foreach l,supervisor worker ctl document proto,$(call lib,$(l)))
	$(link) -luv -lsqlite3 -lcrypto -lpng -ljpeg -lz -pthread
$(BUILD)/bin/fake-worker: $(BUILD)/obj/tests/process/fake_worker.o $(call lib,proto)
	$(link)
$(BUILD)/bin/process_tests: $(filter-out %/fake_worker.o,$(call objects,$(PROCESS))) $(BUILD)/obj/models/image.o $(foreach l,worker reader sandbox document proto,$(call lib,$(l)))
	$(link) $(PICTURE_LIBS) $(BOOK_LIBS) -lz -lseccomp -pthread
$(BUILD)/bin/models_bench: $(BUILD)/obj/tests/bench/models_bench.o $(foreach l,worker models document proto,$(call lib,$(l)))
	$(link) $(TORCH_LIBS) -lpng -lcrypto -ldl -pthread
$(BUILD)/bin/model_tests: $(call objects,$(MODEL)) $(call lib,models) $(call lib,proto)
	$(link) $(TORCH_LIBS) -lcrypto -ldl -pthread
$(TOOL_PROGRAMS): $(BUILD)/bin/%: $(BUILD)/obj/tests/tools/%.o $(call lib,worker) $(call lib,document) $(call lib,proto)
	$(link) -lpng -pthread

DOCUMENTS := $(BUILD)/data/made
$(DOCUMENTS): $(wildcard tests/data/*.py) | $(READY)
	@echo "  make  $(@D)"
	@PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(DEPS)/test-site $(PYTHON) tests/data/make_documents.py $(@D)
	@touch $@

# What ONNX Runtime makes of the same inputs: the model tests compare with it.
REFERENCE := $(if $(MODEL),$(BUILD)/reference/made)
$(BUILD)/reference/made: tests/model/reference.py models/manifest.toml scripts/wheels.lock | $(READY)
	@echo "  make  $(@D)"
	@PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(DEPS)/test-site $(PYTHON) $< $(DEPS)/models $(@D) > /dev/null
	@touch $@
$(BUILD)/reference/made: $(MANIFEST)

test: all hooks $(TEST_PROGRAMS) $(DOCUMENTS) $(REFERENCE)
	@BUILD=$(BUILD) PYTHON=$(PYTHON) tests/run.sh unit process model e2e

# Everything without torch, under the sanitizers: the plain tests, with our reader, supervisor and ctl.
# Tests end programs by SIGSEGV and look for that; readers have to find out that memory is short.
SANITIZED_TESTS = unit process tests/e2e/ctl_cli_test.sh
SANITIZER_OPTIONS = handle_segv=0:allocator_may_return_null=1
SANITIZED = $(patsubst $(BUILD)/%,build/$@/%,$(filter-out %/pdf2md-worker,$(PROGRAMS)) $(PLAIN_TESTS))
asan: $(DOCUMENTS)
	@$(MAKE) BUILD=build/$@ CXXFLAGS='-O1 -g1 -fno-omit-frame-pointer' \
	  SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined' $(SANITIZED)
	@BUILD=build/$@ PYTHON=$(PYTHON) ASAN_OPTIONS=$(SANITIZER_OPTIONS):detect_stack_use_after_return=1 \
	  tests/run.sh $(SANITIZED_TESTS)
tsan: $(DOCUMENTS)
	@$(MAKE) BUILD=build/$@ CXXFLAGS='-O1 -g1' SANITIZE=-fsanitize=thread $(SANITIZED)
	@BUILD=build/$@ PYTHON=$(PYTHON) TSAN_OPTIONS=$(SANITIZER_OPTIONS):halt_on_error=1 \
	  tests/run.sh $(SANITIZED_TESTS)

# tests/fuzz/NAME_fuzz.cc is a libFuzzer target; crashes found become files of tests/fuzz/corpus/NAME/.
FUZZ_SECONDS ?= 60
FUZZERS := $(patsubst %,$(BUILD)/bin/fuzz-%,$(FUZZ))
$(FUZZERS): $(BUILD)/bin/fuzz-%: $(BUILD)/obj/tests/fuzz/%_fuzz.o $(call objects,$(sort $(PURE_READER) $(filter-out %_document.cc,$(PICTURE_DECODERS) $(BOOK_PARSERS)))) $(foreach l,supervisor document proto,$(call lib,$(l)))
	$(link) -fsanitize=fuzzer -luv -lsqlite3 -lcrypto $(PICTURE_LIBS) $(BOOK_LIBS) -lz
$(BUILD)/bin/make_seeds: $(BUILD)/obj/tests/fuzz/make_seeds.o $(foreach l,supervisor document proto,$(call lib,$(l)))
	$(link)
# One build serves both kinds, so each carries the instrumentation of the other.
FUZZ_FLAGS := BUILD=build/fuzz CXX=clang++ CXXFLAGS='-O1 -gline-tables-only' \
  SANITIZE='-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined -fprofile-instr-generate -fcoverage-mapping'
fuzz: fuzz-connection | $(READY)
	@$(MAKE) $(FUZZ_FLAGS) build/fuzz/bin/make_seeds $(patsubst %,build/fuzz/bin/fuzz-%,$(FUZZ))
	@scripts/fuzz.sh build/fuzz $(FUZZ_SECONDS) $(FUZZ)

# The whole control connection: the real daemon, whose coverage is counted as well. It is no libFuzzer
# target: that cannot tell the frames of a conversation apart.
FUZZ_FRAMES ?= 100000
$(BUILD)/bin/fuzz-connection: $(call objects,tests/fuzz/connection_fuzz.cc tests/fuzz/conversation.cc) $(call lib,proto)
	$(link)
fuzz-connection: | $(READY)
	@$(MAKE) $(FUZZ_FLAGS) $(patsubst %,build/fuzz/bin/%,pdf2mdd fake-worker fuzz-connection)
	@scripts/fuzz_connection.sh build/fuzz $(FUZZ_FRAMES)

# Breaks a running daemon on purpose and looks whether anything is lost (tests/chaos/chaos.py).
FAULTS ?= 100
CHAOS  ?=
chaos: all hooks $(DOCUMENTS) | $(READY)
	@PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(DEPS)/test-site $(PYTHON) tests/chaos/chaos.py --hooks \
	  --programs $(BUILD)/hooks --documents $(BUILD)/data --faults $(FAULTS) $(CHAOS)
flood: all $(BUILD)/bin/fake-worker | $(READY)
	@PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(DEPS)/test-site $(PYTHON) tests/chaos/flood.py --programs $(BUILD)/bin

# What supervision costs (tests/chaos/bench.py); BENCH adds options, such as "--device cuda".
BENCH ?=
bench-operations: all $(DOCUMENTS)
	@for what in recycling cancel; do PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(DEPS)/test-site $(PYTHON) \
	  tests/chaos/bench.py $$what --programs $(BUILD)/bin --documents $(BUILD)/data/report.pdf $(BUILD)/data/two-columns.pdf $(BENCH) || exit 1; done

# Pages a second of scans that are made for it, all different; and of the networks alone.
SCANS ?= 200
bench-throughput: all | $(READY)
	@PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(DEPS)/test-site $(PYTHON) tests/bench/make_scans.py $(BUILD)/bench/scans --count $(SCANS)
	@PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(DEPS)/test-site $(PYTHON) tests/chaos/bench.py throughput \
	  --programs $(BUILD)/bin --documents $(BUILD)/bench/scans $(BENCH)
DEVICE ?= auto
bench-models: $(BUILD)/bin/models_bench $(MANIFEST)
	@PDF2MD_MODELS=$(DEPS)/models $(BUILD)/bin/models_bench $(DEVICE) nets

check: all $(TEST_PROGRAMS)
	@BUILD=$(BUILD) scripts/check.sh

# --- handing it on -------------------------------------------------------------------------------
bundle: all $(if $(MODEL),$(BUILD)/bin/model_tests) $(DOCUMENTS)
	@BUILD=$(BUILD) DEPS=$(DEPS) scripts/bundle.sh $(BUILD)/bundle

PREFIX ?= /usr/local
install: all
	@BUILD=$(BUILD) DEPS=$(DEPS) PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' scripts/install.sh

# A Debian package; what has to be fetched comes by the pdf2md-setup that it holds.
deb: all
	@BUILD=$(BUILD) DEPS=$(DEPS) scripts/deb.sh

# Needs a GPU. Runs from the bundle, so that the same files can be carried to another machine.
gpu-check: bundle $(REFERENCE)
	@PDF2MD_REFERENCE=$(abspath $(BUILD))/reference $(BUILD)/bundle/gpu-check.sh

# The shipped unit under a systemd that is PID 1: needs root, systemd-nspawn and debootstrap.
systemd-check: all $(DOCUMENTS)
	@BUILD=$(BUILD) DEPS=$(DEPS) tests/systemd/walk.sh

clean:
	rm -rf $(BUILD)
distclean: clean
	rm -rf $(DEPS)

## make run FILE=paper.pdf   install what is missing, build, convert FILE, Markdown to stdout
## make test                 install what is missing, build, run every test
## make / make all           build the programs into build/bin/
## make hooks               build/hooks/: the programs with faults that tests can inject
## make deps                 install packages and fetch libtorch and weights (CUDA=1 / CUDA=0)
## make check                format, clang-tidy, dependency arrows, man pages, shell scripts
## make asan, make tsan      unit, process and pdf2mdctl tests under sanitizers, into build/asan, build/tsan
## make deb                  a Debian package, build/pdf2md_VERSION_amd64.deb
## make fuzz                 FUZZ_SECONDS=60 of each fuzz target, and
## make fuzz-connection      FUZZ_FRAMES=100000 of conversations with the daemon; coverage of the decoder
## make chaos                FAULTS=100 CHAOS="--seed 1": kills, hangs and faults at random, nothing may be lost
## make flood                10,000 small jobs from 64 clients while workers are killed
## make bench-operations     what recycling and cancelling cost: throughput and latencies, as ratios
## make bench-throughput     SCANS=200 pages that are made for it, through a daemon: pages a second, processor and GPU
## make bench-models         DEVICE=auto: what the networks alone can do
## make bundle               build/bundle/: relocatable, without glibc, libtorch and CUDA
## make gpu-check            models and documents on CUDA, from the bundle
## make systemd-check        the service under systemd in a container (root, systemd-nspawn, debootstrap)
## make install              PREFIX=/usr/local DESTDIR=
## make clean, distclean     remove build/; .deps/ as well
help:
	@grep -E '^## ' Makefile | sed 's/^## //'

.PHONY: all hooks deb chaos flood bench-operations bench-throughput bench-models deps run test asan tsan fuzz fuzz-connection check bundle install gpu-check systemd-check clean distclean help
# Objects made on the way to a tool are kept. (.SECONDARY would let missing ones pass for made.)
.PRECIOUS: $(BUILD)/obj/%.o
.DELETE_ON_ERROR:
