# pdf2md: build, test, run. `make help` lists the targets.
#
# Everything built lands under build/, everything fetched under .deps/ (kept by `make clean`).

BUILD   ?= build
DEPS    := .deps
TORCH   := $(DEPS)/site/torch
PYTHON  ?= python3

CXX      ?= g++
CXXFLAGS ?= -O2 -g
BASE     := -std=c++20 -I. -MMD -MP -fPIC -Wall -Wextra -Wno-unused-parameter -DMSGPACK_NO_BOOST $(SANITIZE)
LDFLAGS  += $(SANITIZE)

# Per-library flags, kept to the folders that may use the library (`make check` verifies it).
POPPLER_CFLAGS = $(shell pkg-config --cflags poppler)
POPPLER_LIBS   = $(shell pkg-config --libs poppler)
TORCH_CFLAGS   := -I$(BUILD)/pch -isystem $(TORCH)/include -isystem $(TORCH)/include/torch/csrc/api/include
TORCH_LIBS     := -L$(TORCH)/lib -Wl,--no-as-needed -ltorch_cpu -lc10 -Wl,--as-needed \
                  -Wl,-rpath,'$$ORIGIN/../../$(TORCH)/lib'

# --- what is built from what ---------------------------------------------------------------------
sources = $(sort $(wildcard $(addsuffix /*.cc,$(1))))
objects = $(patsubst %.cc,$(BUILD)/obj/%.o,$(1))

PROTO      := $(call sources,proto)
DOCUMENT   := $(call sources,document)
MODELS     := $(call sources,models models/onnx models/roles)
SUPERVISOR := $(filter-out %/main.cc,$(call sources,daemon/supervisor))
WORKER     := $(filter-out %/main.cc,$(call sources,daemon/worker))
READER     := $(filter-out %/main.cc,$(call sources,daemon/reader))
CTL        := $(filter-out %/main.cc,$(call sources,ctl))

lib = $(BUILD)/lib/lib$(1).a
LIBS := $(foreach l,proto document models supervisor worker reader ctl,$(call lib,$(l)))
PROGRAMS := $(addprefix $(BUILD)/bin/,pdf2mdd pdf2md-worker pdf2md-reader pdf2mdctl)

.DEFAULT_GOAL := all
all: $(PROGRAMS)

$(call lib,proto):      $(call objects,$(PROTO))
$(call lib,document):   $(call objects,$(DOCUMENT))
$(call lib,models):     $(call objects,$(MODELS))
$(call lib,supervisor): $(call objects,$(SUPERVISOR))
$(call lib,worker):     $(call objects,$(WORKER))
$(call lib,reader):     $(call objects,$(READER))
$(call lib,ctl):        $(call objects,$(CTL))
$(LIBS):
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/bin/pdf2mdd: $(BUILD)/obj/daemon/supervisor/main.o $(call lib,supervisor) $(call lib,proto)
	$(link) -luv
$(BUILD)/bin/pdf2md-worker: $(BUILD)/obj/daemon/worker/main.o $(call lib,worker) $(call lib,models) $(call lib,document) $(call lib,proto)
	$(link) $(TORCH_LIBS) -lpng -lcrypto -ldl -pthread
$(BUILD)/bin/pdf2md-reader: $(BUILD)/obj/daemon/reader/main.o $(call lib,reader) $(call lib,document) $(call lib,proto)
	$(link) $(POPPLER_LIBS)
$(BUILD)/bin/pdf2mdctl: $(BUILD)/obj/ctl/main.o $(call lib,ctl) $(call lib,proto)
	$(link)

link = @mkdir -p $(@D); echo "  link  $@"; $(CXX) $(LDFLAGS) -o $@ $(filter %.o %.a,$^)

# --- compiling -----------------------------------------------------------------------------------
$(BUILD)/obj/%.o: %.cc | $(BUILD)/.deps-ready
	@mkdir -p $(@D)
	@echo "  c++   $<"
	@$(CXX) $(BASE) $(CXXFLAGS) $(EXTRA) -c $< -o $@

$(BUILD)/obj/daemon/reader/%.o: EXTRA = $(POPPLER_CFLAGS)
$(BUILD)/obj/models/%.o: EXTRA = $(TORCH_CFLAGS)
$(BUILD)/obj/models/%.o: | $(BUILD)/pch/models/aten.h.gch
$(BUILD)/obj/tests/model/%.o: EXTRA = $(TORCH_CFLAGS)

# ATen's header costs 6 s a file; precompiled, 1.5 s.
$(BUILD)/pch/models/aten.h.gch: models/aten.h | $(BUILD)/.deps-ready
	@mkdir -p $(@D)
	@echo "  pch   $<"
	@$(CXX) $(filter-out -MMD -MP,$(BASE)) $(CXXFLAGS) $(TORCH_CFLAGS) -x c++-header $< -o $@

# The build id is a hash of every source that ends up in a program.
ID_SOURCES := $(sort $(wildcard proto/*.h proto/*.cc document/*.h document/*.cc models/*.h models/*.cc \
                models/*/*.h models/*/*.cc daemon/*/*.h daemon/*/*.cc ctl/*.h ctl/*.cc) Makefile)
$(BUILD)/obj/proto/version.o: EXTRA = -DPDF2MD_BUILD_ID='"$(shell cat $(ID_SOURCES) | sha256sum | cut -c1-16)"'
$(BUILD)/obj/proto/version.o: $(ID_SOURCES)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

# --- fetching ------------------------------------------------------------------------------------
$(BUILD)/.deps-ready: scripts/deps.sh scripts/apt.txt scripts/wheels.lock
	@scripts/deps.sh
	@mkdir -p $(BUILD) && touch $@
deps: $(BUILD)/.deps-ready

# --- tests ---------------------------------------------------------------------------------------
$(BUILD)/bin/unit_tests: $(call objects,$(call sources,tests/unit)) $(call lib,supervisor) $(call lib,ctl) $(call lib,document) $(call lib,proto)
	$(link) -luv
$(BUILD)/bin/fake-worker: $(BUILD)/obj/tests/process/fake_worker.o $(call lib,proto)
	$(link)
$(BUILD)/bin/process_tests: $(filter-out %/fake_worker.o,$(call objects,$(call sources,tests/process))) $(call lib,worker) $(call lib,document) $(call lib,proto)
	$(link) -lpng -pthread
$(BUILD)/bin/model_tests: $(call objects,$(call sources,tests/model)) $(call lib,models) $(call lib,proto)
	$(link) $(TORCH_LIBS) -lcrypto -ldl -pthread

clean:
	rm -rf $(BUILD)
distclean: clean
	rm -rf $(DEPS)

help:
	@grep -E '^## ' Makefile | sed 's/^## //'

.PHONY: all deps clean distclean help
.SECONDARY:
