// Catch2 beside ATen: both define CHECK, and here Catch2's is meant. Include this after everything
// else.
#pragma once

#include "models/aten.h"

#undef CHECK
#include <catch2/catch.hpp>
