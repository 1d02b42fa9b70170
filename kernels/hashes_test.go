package kernels

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hashesFile has a line for each operation of a layer and element type, with the SHA-256 of its
// results. LANES_WRITE_HASHES=1 writes it anew.
const hashesFile = "testdata/hashes.txt"

// hashedShapes are within a call, of pieces that threads share, and longer than a chunk.
var hashedShapes = [][2]int{{1, 7}, {5, 37}, {40, 256}, {300, 130}, {3, chunkElements + 40}, {90, 1000}}

func operationHashes[T Float](t *testing.T, dtype string) (lines []string) {
	var engines []*Engine[T]
	for _, l := range Levels() {
		for _, threads := range []int{1, 2, 3} {
			e, err := New[T](WithLevel(l), WithThreads(threads))
			require.NoError(t, err)
			if fuses(e) {
				engines = append(engines, e)
			}
		}
	}
	if len(engines) == 0 {
		t.Skip("nothing here fuses multiply-adds")
	}
	operations := byRowsOperations[T]()
	for _, rate := range []float64{0.1, 0.5} {
		operations = append(operations, byRows[T]{fmt.Sprint("Dropout ", rate), func(e *Engine[T], o *rowOperands[T]) {
			e.Dropout(o.dst.Data, o.src.Data, rate, Stream(uint64(len(o.src.Data))))
		}})
	}
	for a := LeakyReLU; a <= SiLU; a++ {
		operations = append(operations, byRows[T]{fmt.Sprint("Activate ", a), func(e *Engine[T], o *rowOperands[T]) {
			e.Activate(o.dst.Data, o.src.Data, a)
		}}, byRows[T]{fmt.Sprint("ActivateBackward ", a), func(e *Engine[T], o *rowOperands[T]) {
			e.ActivateBackward(o.dst.Data, o.src.Data, o.other.Data, a)
		}})
	}
	for _, op := range operations {
		var want []byte
		for _, e := range engines {
			got := hashOf(op, e)
			if want == nil {
				want = got
			}
			require.Equal(t, want, got, "%s %s, %v, %d threads", op.name, dtype, e.Level(), e.Threads())
		}
		lines = append(lines, fmt.Sprintf("%s/%s %x\n", op.name, dtype, want))
	}
	return lines
}

// hashOf hashes all operands after the operation on each of the shapes. They are drawn without
// functions that compilers may fuse.
func hashOf[T Float](op byRows[T], e *Engine[T]) []byte {
	rng, h := rand.New(rand.NewPCG(81, 82)), sha256.New()
	for _, s := range hashedShapes {
		rows, cols := s[0], s[1]
		m := Mat[T]{nil, rows, cols, cols, 1}
		o := rowOperands[T]{dst: m, src: m, other: m, bytes: make([]uint8, rows*cols), labels: make([]int32, rows)}
		for i, n := range []int{rows * cols, rows * cols, rows * cols, cols, cols, cols, cols, rows, rows} {
			v := make([]T, n)
			for k := range v {
				v[k] = T(int32(rng.Uint32())) / (1 << 29)
			}
			*o.slices()[i] = v
		}
		for i := range o.bytes {
			o.bytes[i] = uint8(rng.Uint32())
		}
		op.run(e, &o)
		for _, v := range o.slices() {
			binary.Write(h, binary.LittleEndian, *v)
		}
	}
	return h.Sum(nil)
}

// TestOperationsHaveTheBitsOfTheTable requires the same bits of every level with fused
// multiply-adds, with 1, 2 and 3 threads, and those of the table, which was written on another
// processor perhaps.
func TestOperationsHaveTheBitsOfTheTable(t *testing.T) {
	t.Parallel()
	lines := append(operationHashes[float32](t, "float32"), operationHashes[float64](t, "float64")...)
	slices.Sort(lines)
	if os.Getenv("LANES_WRITE_HASHES") != "" {
		require.NoError(t, os.WriteFile(hashesFile, []byte(strings.Join(lines, "")), 0o666))
	}
	table, err := os.ReadFile(hashesFile)
	require.NoError(t, err)
	require.Equal(t, string(table), strings.Join(lines, ""))
}
