package main

// operation describes a kernel: how its assembly is generated, and how an engine calls
// it.
type operation struct {
	Name     string        // of the engine's method; the assembly of axpy is called AxpyF32
	generate func(*target) // writes the assembly for one element type and level
	Params   string        // the method's parameters
	Args     string        // what the method passes to the assembly: T is the element type, at[T](s) the address of s[0]
	Portable string        // the call of the portable function that does the same
	Work     string        // the elements or multiply-adds of a call; a row counts as a vector at least
	Result   string        // the type of what it returns, if anything
}

// family is a group of operations whose assembly stands in one file.
type family struct {
	name       string
	operations []operation
}

// absent names the operations that have no assembly at a level, where the portable
// functions run.
var absent = map[level][]string{
	avx2: {"panelWide", "panelPart", "smallWide", "solvePanelWide", "multiplyPanelWide"}, // its tiles have two vectors
}

var families = []family{
	{"panel", []operation{
		{"panel", panelKernel, "p *panel.Args[T]", "(*panel.Args[T])(unsafe.Pointer(p))", "panelGeneric(p)", "p.M*p.N*max(p.K, 2*lanes)", ""},
	}},
	{"panelnarrow", []operation{
		{Name: "panelNarrow", generate: panelNarrow, Portable: "panelGeneric(p)"}, // the assembly of panel jumps to it
	}},
	{"panelwide", []operation{{Name: "panelWide", generate: panelWide, Portable: "panelGeneric(p)"}}},
	{"panelpart", []operation{{Name: "panelPart", generate: panelPart, Portable: "panelGeneric(p)"}}},
	{"stretch", []operation{
		{
			"stretch", stretch, "m, n, k int, a []T, aRow, aCol int, b []T, bRow int, c []T, cRow int, start int, beta T",
			"m, n, k, at[T](a), aRow, aCol, at[T](b), bRow, at[T](c), cRow, start, T(beta)",
			"edgeGeneric(m, n, k, a, aRow, aCol, b, bRow, c, cRow, start, beta)", "m*n*max(k, 2*lanes)", "",
		},
	}},
	{"axpyrows", []operation{
		{
			"axpyRows", axpyRows, "n, k int, a []T, aStep int, b []T, bRow int, y []T",
			"n, k, at[T](a), aStep, at[T](b), bRow, at[T](y)",
			"edgeGeneric(1, n, k, a, 0, aStep, b, bRow, y, 0, panel.FromC, 1)", "max(n, lanes)*k", "",
		},
	}},
	{"small", []operation{
		{
			"small", small, "count int, c *Mat[T], cNext int, a *Mat[T], aNext int, b *Mat[T], bNext int, beta T",
			"count, c.Rows, c.Cols, a.Cols, at[T](a.Data), a.RowStride, a.ColStride, aNext, at[T](b.Data), b.RowStride, bNext, at[T](c.Data), c.RowStride, cNext, T(beta)",
			"smallGeneric(count, c, cNext, a, aNext, b, bNext, beta)", "count*c.Rows*c.Cols*max(a.Cols, 2*lanes)", "",
		},
	}},
	{"smallwide", []operation{{Name: "smallWide", generate: smallWide, Portable: "smallGeneric(count, c, cNext, a, aNext, b, bNext, beta)"}}},
	{"solve", []operation{
		{"solvePanel", solvePanel, trianglePanel, triangleArgs, "solvePanelGeneric(t, n, x, first, xRow)", triangleWork, ""},
	}},
	{"solvewide", []operation{{Name: "solvePanelWide", generate: solvePanelWide, Portable: "solvePanelGeneric(t, n, x, first, xRow)"}}},
	{"multiply", []operation{
		{"multiplyPanel", multiplyPanel, trianglePanel, triangleArgs, "multiplyPanelGeneric(t, n, x, first, xRow)", triangleWork, ""},
	}},
	{"multiplywide", []operation{{Name: "multiplyPanelWide", generate: multiplyPanelWide, Portable: "multiplyPanelGeneric(t, n, x, first, xRow)"}}},
	{"outer", []operation{
		{
			"outer", outer, "m, n int, a []T, aRow int, b, c []T, cRow int, start int, beta T",
			"m, n, at[T](a), aRow, at[T](b), at[T](c), cRow, start, T(beta)",
			"edgeGeneric(m, n, 1, a, aRow, 1, b, 0, c, cRow, start, beta)", "m*n*2*lanes", "",
		},
	}},
	{"gemv", []operation{
		{
			"gemv", gemv, "n, k int, a []T, aRow int, x, y []T, start int, beta T",
			"n, k, at[T](a), aRow, at[T](x), at[T](y), start, T(beta)",
			"edgeGeneric(n, 1, k, a, aRow, 1, x, 1, y, 1, start, beta)", "n*k", "",
		},
	}},
	{"pack", []operation{
		{
			"packRows", packRows, "dst []T, tile, width int, src Mat[T], alpha T",
			"width, src.Rows, src.Cols, at[T](dst), tile, at[T](src.Data), src.ColStride, T(alpha)",
			"packGeneric(dst, tile, width, src, alpha)", "src.Rows*src.Cols", "",
		},
		{
			"packColumns", packColumns, "dst []T, width, n, k int, src []T, srcRow int, alpha T",
			"n, k, at[T](dst), width, at[T](src), srcRow, T(alpha)",
			"packGeneric(dst, 0, width, Mat[T]{src, n, k, srcRow, 1}, alpha)", "n*k", "",
		},
	}},
	{"elementwise", []operation{
		{"addBiasRows", addBiasRows, "y *Mat[T], bias []T", "y.Rows, y.Cols, at[T](y.Data), y.RowStride, at[T](bias)", "addBiasGeneric(y, bias)", "y.Rows*max(y.Cols, lanes)", ""},
		{"axpy", axpy, "y []T, alpha T, x []T", "len(y), at[T](y), T(alpha), at[T](x)", "axpyGeneric(y, alpha, x)", "len(y)", ""},
		{"relu", relu, "dst, src []T", "len(dst), at[T](dst), at[T](src)", "reluGeneric(dst, src)", "len(dst)", ""},
		{"reluBackward", reluBackward, "dst, grad, y []T", "len(dst), at[T](dst), at[T](grad), at[T](y)", "reluBackwardGeneric(dst, grad, y)", "len(dst)", ""},
		{"center", center, "dst []T, pixels, next []uint8, mean []T, scale T", "len(dst), at[T](dst), unsafe.SliceData(pixels), unsafe.SliceData(next), at[T](mean), T(scale)", "centerGeneric(dst, pixels, mean, scale)", "len(dst)", ""},
	}},
	{"activation", []operation{
		{"leakyReLU", leakyReLU, "dst, src []T", "len(dst), at[T](dst), at[T](src)", "leakyReLUGeneric(dst, src)", "len(dst)", ""},
		{"leakyReLUBackward", leakyReLUBackward, "dx, dy, x []T", "len(dx), at[T](dx), at[T](dy), at[T](x)", "leakyReLUBackwardGeneric(dx, dy, x)", "len(dx)", ""},
		{"add", add, "dst, a, b []T", "len(dst), at[T](dst), at[T](a), at[T](b)", "addGeneric(dst, a, b)", "len(dst)", ""},
		{"dropout", dropout, "dst, src []T, k *dropKeys[T]", "len(dst), at[T](dst), at[T](src), k.first, k.second, k.limit, T(k.factor)", "dropoutGeneric(dst, src, k)", "len(dst)", ""},
	}},
	{"gelu", []operation{
		{"gelu", gelu, "dst, src []T", "len(dst), at[T](dst), at[T](src)", "geluGeneric(dst, src)", "len(dst)", ""},
		{"geluBackward", geluBackward, "dx, dy, x []T", "len(dx), at[T](dx), at[T](dy), at[T](x)", "geluBackwardGeneric(dx, dy, x)", "len(dx)", ""},
	}},
	{"silu", []operation{
		{"silu", silu, "dst, src []T", "len(dst), at[T](dst), at[T](src)", "siluGeneric(dst, src)", "len(dst)", ""},
		{"siluBackward", siluBackward, "dx, dy, x []T", "len(dx), at[T](dx), at[T](dy), at[T](x)", "siluBackwardGeneric(dx, dy, x)", "len(dx)", ""},
	}},
	{"columns", []operation{
		{"columnSums", columnSums, "sums []T, x *Mat[T]", "x.Rows, len(sums), at[T](sums), at[T](x.Data), x.RowStride", "columnSumsGeneric(sums, x)", "x.Rows*max(x.Cols, lanes)", ""},
		{
			"columnSquares", columnSquares, "squares []T, x *Mat[T], mean []T",
			"x.Rows, len(squares), at[T](squares), at[T](x.Data), x.RowStride, at[T](mean)", "columnSquaresGeneric(squares, x, mean)", "x.Rows*max(x.Cols, lanes)", "",
		},
		{
			"columnProducts", columnProducts, "products, sums []T, dy, x *Mat[T], mean []T",
			"dy.Rows, len(sums), at[T](products), at[T](sums), at[T](dy.Data), dy.RowStride, at[T](x.Data), x.RowStride, at[T](mean)",
			"columnProductsGeneric(products, sums, dy, x, mean)", "dy.Rows*max(dy.Cols, lanes)", "",
		},
		{
			"normalizedProducts", normalizedProducts, "products, sums []T, dy, x *Mat[T], mean, inv []T",
			"dy.Rows, len(sums), at[T](products), at[T](sums), at[T](dy.Data), dy.RowStride, at[T](x.Data), x.RowStride, at[T](mean), at[T](inv)",
			"normalizedProductsGeneric(products, sums, dy, x, mean, inv)", "dy.Rows*max(dy.Cols, lanes)", "",
		},
		{
			"scaleShift", scaleShift, "y, x *Mat[T], scale, shift []T, floor T",
			"y.Rows, y.Cols, at[T](y.Data), y.RowStride, at[T](x.Data), x.RowStride, at[T](scale), at[T](shift), T(floor)",
			"scaleShiftGeneric(y, x, scale, shift, floor)", "y.Rows*max(y.Cols, lanes)", "",
		},
		{
			"batchNormInput", batchNormInput, "dx, dy, x *Mat[T], mean, a, b, c []T",
			"dx.Rows, dx.Cols, at[T](dx.Data), dx.RowStride, at[T](dy.Data), dy.RowStride, at[T](x.Data), x.RowStride, at[T](mean), at[T](a), at[T](b), at[T](c)",
			"batchNormInputGeneric(dx, dy, x, mean, a, b, c)", "dx.Rows*max(dx.Cols, lanes)", "",
		},
	}},
	{"layernorm", []operation{
		{
			"layerNormRows", layerNormRows, "t *layerNormTask[T]",
			"t.x.Rows, t.x.Cols, at[T](t.y.Data), t.y.RowStride, at[T](t.x.Data), t.x.RowStride, at[T](t.mean), at[T](t.inv), at[T](t.gamma), at[T](t.beta), T(t.x.Cols), T(t.eps)",
			"e.layerNormParts(t)", "t.x.Rows*max(t.x.Cols, lanes)", "",
		},
		{
			"layerNormInputRows", layerNormInputRows, "t *layerNormBackwardTask[T]",
			"t.x.Rows, t.x.Cols, at[T](t.dx.Data), t.dx.RowStride, at[T](t.dy.Data), t.dy.RowStride, at[T](t.x.Data), t.x.RowStride, at[T](t.mean), at[T](t.inv), at[T](t.gamma), T(t.x.Cols)",
			"e.layerNormInputParts(t)", "t.x.Rows*max(t.x.Cols, lanes)", "",
		},
	}},
	{"layernormparts", []operation{
		{"laneSums", laneSums, "acc *[lanes]T, x []T", "(*[lanes]T)(unsafe.Pointer(acc)), len(x), at[T](x)", "laneSumsGeneric(acc, x)", "len(x)", ""},
		{"laneSquares", laneSquares, "acc *[lanes]T, x []T, mean T", "(*[lanes]T)(unsafe.Pointer(acc)), len(x), at[T](x), T(mean)", "laneSquaresGeneric(acc, x, mean)", "len(x)", ""},
		{
			"normalize", normalize, "y, x, gamma, beta []T, mean, inv T", "len(y), at[T](y), at[T](x), at[T](gamma), at[T](beta), T(mean), T(inv)",
			"normalizeGeneric(y, x, gamma, beta, mean, inv)", "len(y)", "",
		},
		{
			"laneProducts", laneProducts, "products, sums *[lanes]T, dy, x, gamma []T, mean, inv T",
			"(*[lanes]T)(unsafe.Pointer(products)), (*[lanes]T)(unsafe.Pointer(sums)), len(dy), at[T](dy), at[T](x), at[T](gamma), T(mean), T(inv)",
			"laneProductsGeneric(products, sums, dy, x, gamma, mean, inv)", "len(dy)", "",
		},
		{
			"layerNormInput", layerNormInput, "dx, dy, x, gamma []T, mean, inv, sum, product T",
			"len(dx), at[T](dx), at[T](dy), at[T](x), at[T](gamma), T(mean), T(inv), T(sum), T(product)",
			"layerNormInputGeneric(dx, dy, x, gamma, mean, inv, sum, product)", "len(dx)", "",
		},
	}},
	{"optimizer", []operation{
		{"sgd", sgd, "w, g, mean []T, f *factors[T]", "len(w), at[T](w), at[T](g), at[T](mean), (*[10]T)(unsafe.Pointer(f))", "sgdGeneric(w, g, mean, f)", "len(w)", ""},
		{"momentum", momentum, "w, v, g, mean []T, f *factors[T]", "len(w), at[T](w), at[T](v), at[T](g), at[T](mean), (*[10]T)(unsafe.Pointer(f))", "momentumGeneric(w, v, g, mean, f)", "len(w)", ""},
		{"nesterov", nesterov, "w, v, g, mean []T, f *factors[T]", "len(w), at[T](w), at[T](v), at[T](g), at[T](mean), (*[10]T)(unsafe.Pointer(f))", "nesterovGeneric(w, v, g, mean, f)", "len(w)", ""},
		{"adam", adam, "w, m, v, g, mean []T, f *factors[T]", "len(w), at[T](w), at[T](m), at[T](v), at[T](g), at[T](mean), (*[10]T)(unsafe.Pointer(f))", "adamGeneric(w, m, v, g, mean, f)", "len(w)", ""},
		{"lion", lion, "w, m, g, mean []T, f *factors[T]", "len(w), at[T](w), at[T](m), at[T](g), at[T](mean), (*[10]T)(unsafe.Pointer(f))", "lionGeneric(w, m, g, mean, f)", "len(w)", ""},
	}},
	{"softmax", []operation{
		{
			"softmaxRows", softmaxRows, "c *rowChunk[T]",
			"at[T](c.dst.Data), c.dst.RowStride, at[T](c.src.Data), c.src.RowStride, c.src.Rows, c.src.Cols, T(c.scale), unsafe.SliceData(c.labels), at[T](c.targets), at[T](c.tops), at[T](c.sums)",
			"e.softmaxParts(c)", "c.src.Rows*max(c.src.Cols, lanes)", "",
		},
		{
			"softmaxShort", softmaxShort, "c *rowChunk[T], tiles []T",
			"at[T](c.dst.Data), c.dst.RowStride, at[T](c.src.Data), c.src.RowStride, c.src.Rows, c.src.Cols, T(c.scale), at[T](c.tops), at[T](c.sums), at[T](tiles)",
			"e.softmaxParts(c)", "c.src.Rows*lanes", "",
		},
	}},
	{"softmaxparts", []operation{
		{"largest", largest, "x []T", "len(x), at[T](x)", "largestGeneric(x)", "len(x)", "T"},
		{"expSum", expSum, "acc *[lanes]T, dst, src []T, top T", "(*[lanes]T)(unsafe.Pointer(acc)), len(dst), at[T](dst), at[T](src), T(top)", "expSumGeneric(acc, dst, src, top)", "len(dst)", ""},
		{"scale", scale, "x []T, factor T", "len(x), at[T](x), T(factor)", "scaleGeneric(x, factor)", "len(x)", ""},
	}},
	{"explog", []operation{
		{"exp", expEach, "dst, src []T", "len(dst), at[T](dst), at[T](src)", "expGeneric(dst, src)", "len(dst)", ""},
		{"log", logEach, "dst, src []T", "len(dst), at[T](dst), at[T](src)", "logGeneric(dst, src)", "len(dst)", ""},
	}},
	{"crossentropy", []operation{
		{"pickLabels", pickLabels, "c *rowChunk[T]", "len(c.labels), at[T](c.targets), at[T](c.src.Data), c.src.RowStride, unsafe.SliceData(c.labels)", "pickLabelsGeneric(c)", "len(c.labels)*lanes", ""},
		{"subtractAtLabels", subtractAtLabels, "c *rowChunk[T]", "len(c.labels), at[T](c.dst.Data), c.dst.RowStride, unsafe.SliceData(c.labels), T(c.scale)", "subtractAtLabelsGeneric(c)", "len(c.labels)*lanes", ""},
		{"sumLosses", sumLosses, "acc *[lanes]T, sums, targets, tops []T", "(*[lanes]T)(unsafe.Pointer(acc)), len(sums), at[T](sums), at[T](targets), at[T](tops)", "sumLossesGeneric(acc, sums, targets, tops)", "len(sums)", ""},
	}},
	{"vector", []operation{
		{"dotSum", dotSum, "x, y []T", "len(x), at[T](x), at[T](y)", "dotSumGeneric(x, y)", "len(x)", "T"},
		{"magnitudeSum", magnitudeSum, "x []T", "len(x), at[T](x)", "magnitudeSumGeneric(x)", "len(x)", "T"},
		{"largestMagnitude", largestMagnitude, "x []T", "len(x), at[T](x)", "largestMagnitudeGeneric(x)", "len(x)", "T"},
		{"squareSum", squareSum, "x []T", "len(x), at[T](x)", "squareSumGeneric(x)", "len(x)", "float64"},
		{"swap", swap, "x, y []T", "len(x), at[T](x), at[T](y)", "swapGeneric(x, y)", "len(x)", ""},
		{"rot", rot, "x, y []T, c, s T", "len(x), at[T](x), at[T](y), T(c), T(s)", "rotGeneric(x, y, c, s)", "len(x)", ""},
	}},
	{"matvec", []operation{
		{
			"rowSums", rowSums, "m, k int, a []T, aRow int, x, y []T, alpha T, start int, beta T",
			"m, k, at[T](a), aRow, at[T](x), at[T](y), T(alpha), start, T(beta)",
			"rowSumsGeneric(m, k, a, aRow, x, y, alpha, start, beta)", "m*k", "",
		},
		{
			"rankOne", rankOne, "m, n, grow int, a []T, aStep int, alpha T, u, v []T, vStep int",
			"m, n, grow, at[T](a), aStep, T(alpha), at[T](u), at[T](v), vStep",
			"rankGeneric(m, n, grow, a, aStep, alpha, u, v, vStep)", "m*max(n, n+grow*m, lanes)", "",
		},
		{
			"rankTwo", rankTwo, "m, n, grow int, a []T, aStep int, alpha T, u, v []T, vStep int, u2, v2 []T",
			"m, n, grow, at[T](a), aStep, T(alpha), at[T](u), at[T](v), vStep, at[T](u2), at[T](v2)",
			"rankTwoGeneric(m, n, grow, a, aStep, alpha, u, v, vStep, u2, v2)", "m*max(n, n+grow*m, lanes)", "",
		},
		{
			"symmetricRows", symmetricRows, "m, n int, square []T, far, near int, xr, pr, a []T, aRow int, x, p []T",
			"m, n, at[T](square), far, near, at[T](xr), at[T](pr), at[T](a), aRow, at[T](x), at[T](p)",
			"symmetricRowsGeneric(m, n, square, far, near, xr, pr, a, aRow, x, p)", "m*max(n, lanes)", "",
		},
	}},
	{"trianglevec", []operation{
		{
			"multiplyTriangle", multiplyTriangle, "n int, a []T, first, aRow, aCol int, x []T, firstX, step, unit int",
			"n, at[T](a[first:]), aRow, aCol, at[T](x[firstX:]), step, unit",
			"multiplyTriangleGeneric(n, a, first, aRow, aCol, x, firstX, step, unit)", "n*n", "",
		},
		{
			"solveTriangle", solveTriangle, "n int, a []T, first, aRow, aCol int, x []T, firstX, step, unit int",
			"n, at[T](a[first:]), aRow, aCol, at[T](x[firstX:]), step, unit",
			"solveTriangleGeneric(n, a, first, aRow, aCol, x, firstX, step, unit)", "n*n", "",
		},
	}},
	{"reduce", []operation{
		{"sumSquares", sumSquares, "acc *[lanes]T, x []T", "(*[lanes]T)(unsafe.Pointer(acc)), len(x), at[T](x)", "sumSquaresGeneric(acc, x)", "len(x)", ""},
	}},
}

// What both operations of a triangle on a panel take, pass, and do.
const (
	trianglePanel = "t *triangle[T], n int, x []T, first, xRow int"
	triangleArgs  = "t.order, n, at[T](t.data[t.first:]), t.aRow, t.aCol, at[T](x[first:]), xRow, T(t.alpha), int(t.diag)"
	triangleWork  = "t.order*n*max(t.order/2, 2*lanes)"
)
