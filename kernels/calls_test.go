//go:build (amd64 || arm64) && !purego

package kernels

import (
	"cmp"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// mostWork is the most work that one call of a kernel may have. A call cannot be
// interrupted, and the garbage collector waits for it: 0.1 ms allows 3 ns for an element,
// and 45 multiply-adds in a nanosecond. Kernels that are not named, those of [flats] among
// them, take pieceElements.
var mostWork = map[string]int{
	"panel": 240 * 384 * 48, "solvePanel": 240 * 384 * 48, "multiplyPanel": 240 * 384 * 48,
	"stretch": 240 * 384 * 48, "small": 1 << 19,
	"gemv": 1 << 18, "outer": 1 << 20, "packRows": 1 << 16, "packColumns": 8 * mostKC,
	"addBiasRows": pieceElements, "center": pieceElements, "sumSquares": pieceElements,
	"softmaxRows": 1 << 14, "largest": 1 << 14, "expSum": 1 << 14,
	"layerNormRows": chunkElements, "layerNormInputRows": chunkElements, "laneSums": chunkElements, "laneSquares": chunkElements,
	"normalize": chunkElements, "laneProducts": chunkElements, "layerNormInput": chunkElements,
	"axpyRows": 1 << 18, "rowSums": 1<<18 + 8*sumChunk, "largestMagnitude": amaxPiece, "symmetricRows": symvRows * sumChunk,
	"multiplyTriangle": triangleBlock * triangleBlock, "solveTriangle": triangleBlock * triangleBlock,
	"softmaxShort": 512 * 16, "pickLabels": 512 * 16, "subtractAtLabels": 512 * 16, "sumLosses": 512,
}

// longOperations holds all operations, each with operands that are far too long for one
// call in every direction.
func longOperations[T Float]() map[string]func(e *Engine[T]) {
	const n = 1<<17 + 5
	data := make([][]T, 5)
	for i := range data {
		data[i] = make([]T, 3*n)
		fillWith(data[i], 1)
	}
	w, x, y, z := data[0], data[1], data[2], data[3]
	pixels := func(rows, cols int) *Pixels[T] {
		return &Pixels[T]{make([]uint8, rows*cols), make([]int, rows), cols, z[:cols], 0.5}
	}
	ops := map[string]func(e *Engine[T]){
		"Dropout":    func(e *Engine[T]) { e.Dropout(y, x, 0.5, 1) },
		"SumSquares": func(e *Engine[T]) { e.SumSquares(x) },
		"Pack":       func(e *Engine[T]) { e.Pack(NewMat(n/512, 512, x)); e.Pack(NewMat(384, n/384, x)) },
		"Pack Bᵀ":    func(e *Engine[T]) { e.Pack(NewMat(512, n/512, x).T()) },
		"AddBias apart": func(e *Engine[T]) {
			e.AddBias(Mat[T]{y, n, 1, 3, 1}, x[:1])
			e.AddBias(Mat[T]{y, 1 << 40, 0, 0, 1}, nil)
		},
		"GemmBatch of small ones": func(e *Engine[T]) {
			e.GemmBatch(n/64, NewBatch(n/64, 8, 4, y), 1, NewBatch(n/64, 8, 8, x), NewBatch(n/64, 8, 4, z), 0)
		},
		"Gemm of a row": func(e *Engine[T]) {
			e.Gemm(NewMat(1, n/64, y), 1, NewMat(1, 3*64, x), NewMat(3*64, n/64, w), 0)
		},
		"GemmBatch": func(e *Engine[T]) {
			e.GemmBatch(3, Batch[T]{NewMat(n, 1, y), n}, 1, Batch[T]{NewMat(n, 1, x), n}, Batch[T]{NewMat(1, 1, z), 0}, 0)
		},
	}
	for _, op := range level3s[T]() {
		for _, s := range [][3]int{{600, 80, 300}, {80, 600, 300}} {
			f := form[T]{Side(s[1] / 600), Lower, NonUnit, 1, 0}
			var x []Mat[T]
			for i, shape := range op.shapes(f, s[0], s[1], s[2]) {
				x = append(x, NewMat(shape[0], shape[1], data[i]))
			}
			ops[fmt.Sprintf("%s of %d×%d", op.name, s[0], s[1])] = func(e *Engine[T]) { op.run(e, f, x) }
		}
	}
	for _, op := range vecOperations[T]() {
		ops[op.name+" of vectors"] = func(e *Engine[T]) {
			fillWith(x, 1) // no NaN that another operation made, which would end Iamax early
			op.run(e, NewVec(x), NewVec(y))
		}
	}
	for _, op := range matvecOperations[T]() {
		for _, s := range [][2]int{{3, n}, {n, 3}, {600, 600}} {
			if op.square && s[0] != s[1] {
				continue
			}
			for layout, a := range []Mat[T]{NewMat(s[0], s[1], x), NewMat(s[1], s[0], x).T()} {
				ops[fmt.Sprint(op.name, s, layout)] = func(e *Engine[T]) {
					op.run(e, matvecForm[T]{1, 0, Upper, Unit}, a, NewVec(y[:s[1]]), NewVec(z[:s[0]]))
				}
			}
		}
	}
	row := NewMat(1, n, x)
	ops["Symv of long rows"] = func(e *Engine[T]) {
		w := symvTask[T]{a: Mat[T]{x, 4, n, 0, 1}, p: y[:n], x: z[:n], uplo: Upper}
		w.group(e, w.p, 0, 4)
	}
	ops["Ger of a row"] = func(e *Engine[T]) { e.Ger(row, 1, NewVec(y[:1]), NewVec(z[:n])) }
	for _, op := range flats[T]() {
		ops[op.name] = func(e *Engine[T]) { op.run(e, data) }
	}
	for _, s := range [][2]int{{1, n}, {2, n}, {n, 1}, {n / 4, 4}, {n / 10, 10}, {n / 700, 700}, {n / 16384, 16384}, {n / 40000, 40000}} {
		rows, cols := s[0], s[1]
		name := fmt.Sprintf(" of %d×%d", rows, cols)
		a, b := NewMat(rows, cols, x), NewMat(rows, cols, y)
		ops["AddBias"+name] = func(e *Engine[T]) { e.AddBias(b, z[:cols]) }
		ops["ColSums"+name] = func(e *Engine[T]) { e.ColSums(z[:cols], a) }
		ops["CenterRows"+name] = func(e *Engine[T]) { e.CenterRows(b, pixels(rows, cols)) }
		ops["Softmax"+name] = func(e *Engine[T]) { e.Softmax(b, a) }
		ops["normalisations"+name] = func(e *Engine[T]) { normalize(e, b, a) }
		ops["SoftmaxCrossEntropy"+name] = func(e *Engine[T]) { e.SoftmaxCrossEntropy(b, a, make([]int32, rows)) }
	}
	for _, s := range [][3]int{
		{1, n, 0}, {1, n, 1}, {1, n, 2}, {2, n, 1}, {n, 1, 0}, {n, 1, 1}, {n, 2, 1}, {2, 1, n}, {n, 1, 2}, {1, 2, n},
		{3000, 80, 1}, {3000, 80, 7}, {300, 800, 40}, {300, 300, 400}, {40, 3000, 50},
	} {
		m, cols, k := s[0], s[1], s[2]
		name := fmt.Sprintf(" of %d×%d×%d", m, cols, k)
		a, b, c := NewMat(m, k, x), NewMat(k, cols, z), NewMat(m, cols, y)
		aT, bT := NewMat(k, m, x).T(), NewMat(cols, k, z).T()
		ops["Gemm"+name] = func(e *Engine[T]) { e.Gemm(c, 1, a, b, 0) }
		ops["Gemm of Aᵀ"+name] = func(e *Engine[T]) { e.Gemm(c, 1, aT, b, 0.5) }
		ops["Gemm of Bᵀ"+name] = func(e *Engine[T]) { e.Gemm(c, 0.5, a, bT, 1) }
		ops["Linear"+name] = func(e *Engine[T]) { e.Linear(c, a, b, w[:cols], ReLU) }
		ops["LinearBackward"+name] = func(e *Engine[T]) {
			dw, weights := NewMat[T](k, cols, nil), NewMat(k, cols, z)
			e.LinearBackward(NewMat(m, k, w), dw, make([]T, cols), c, a, weights, 0.1, ReLU)
		}
		ops["LinearPacked"+name] = func(e *Engine[T]) { e.LinearPacked(c, a, e.Pack(b), w[:cols], ReLU) }
	}
	return ops
}

func testCalls[T Float](t *testing.T) {
	var mu sync.Mutex
	operation, longest := "", map[string]int{}
	testHookCall = func(kernel string, work int) {
		mu.Lock()
		defer mu.Unlock()
		if most := mostOf(kernel); work > most {
			t.Errorf("%s gives %s %d elements at once, want at most %d", operation, kernel, work, most)
		}
		longest[kernel] = max(longest[kernel], work)
	}
	defer func() { testHookCall = nil }()
	ops := longOperations[T]()
	eachEngine(t, []int{1, 2}, func(t *testing.T, e *Engine[T]) {
		if e.level == Generic { // which can be interrupted
			return
		}
		for name, op := range ops {
			operation = fmt.Sprintf("%s at %v", name, e.level)
			op(e)
		}
	})
	if Best() == Generic {
		return
	}
	for kernel := range mostWork {
		longest[kernel] += 0 // there, even if it was never called
	}
	for kernel, work := range longest {
		require.GreaterOrEqual(t, work, mostOf(kernel)/16, "%s was not given enough to see a bound", kernel)
	}
}

// mostOf returns the most work that one call of a kernel may have at the level under test.
// Panels are a quarter as wide at NEON as at AVX-512, and so is what a core multiplies and
// adds in a nanosecond.
func mostOf(kernel string) int {
	most := cmp.Or(mostWork[kernel], pieceElements)
	if Best() == NEON && most == mostWork["panel"] {
		most /= 4
	}
	return most
}

// Every call into assembly ends soon, however long the operands are.
func TestCallsIntoAssemblyAreShort(t *testing.T) {
	testCalls[float32](t)
	testCalls[float64](t)
}
