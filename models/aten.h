// The one door to ATen: precompiled, so include it first and nothing else of torch.
#pragma once

#include <ATen/ATen.h>
