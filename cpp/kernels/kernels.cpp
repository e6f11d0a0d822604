// Compiled once per level, with that level's instructions.  Nothing but `table` leaves this file:
// a function shared with another level could be the copy that the linker keeps for both.
#include "kernels/kernels.h"

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define LAMINA_STRING_OF(name) #name
#define LAMINA_STRING(name) LAMINA_STRING_OF(name)

namespace lamina::LAMINA_LEVEL_NAMESPACE {

namespace {

#include "kernels/simd.h"
//
#include "kernels/math.h"
//
#include "kernels/math_double.h"
//
#include "kernels/activations.h"
#include "kernels/convert.h"
#include "kernels/copy.h"
#include "kernels/gelu.h"
#include "kernels/trigonometry.h"
//
#include "kernels/elementwise.h"
#include "kernels/finish.h"
#include "kernels/fma_peak.h"
#include "kernels/matmul.h"
#include "kernels/matmul_few_rows.h"
#include "kernels/matmul_float64.h"
#include "kernels/matmul_nonzeros.h"
#include "kernels/optimizers.h"
#include "kernels/random.h"
//
#include "kernels/draws.h"
#include "kernels/reduce.h"
#include "kernels/short_rows.h"
#include "kernels/softmax.h"
//
#include "kernels/normalization.h"

}  // namespace

#define LAMINA_ENTRY(name, ...) name,
extern const Kernels table;
const Kernels table = {LAMINA_STRING(LAMINA_LEVEL_NAMESPACE),
                       width,
                       tile_rows,
                       tile_vectors* width,
                       few_rows,
                       nonzeros_vectors* width,
                       nonzeros_at_once,
                       2 * width* fma_peak_chains,
                       LAMINA_KERNELS(LAMINA_ENTRY)};
#undef LAMINA_ENTRY

}  // namespace lamina::LAMINA_LEVEL_NAMESPACE
