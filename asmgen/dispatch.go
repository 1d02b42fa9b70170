package main

import (
	"bytes"
	"fmt"
	"go/format"
	"regexp"
	"strings"
)

// dispatch returns the files through which package kernels calls the assembly. They
// hold a method of the engine for every operation: in dispatch_amd64.go a switch over
// e.isa, in dispatch_noasm.go a call of the portable function. They also hold the
// sizes of each isa's tile, for the loops.
func dispatch() ([]file, error) {
	var asm, noasm bytes.Buffer
	asm.WriteString(generated + "//go:build !purego\n\npackage kernels\n\n" + `import (
	"unsafe"

`)
	for _, l := range levels {
		fmt.Fprintf(&asm, "\t%q\n", importPath+"/kernels/internal/"+string(l))
	}
	fmt.Fprintf(&asm, "\t%q\n)\n\n", importPath+"/kernels/internal/panel")
	asm.WriteString("// The kernels that an engine can call: portable Go, or the assembly of a level for an\n// element type.\nconst (\n\tportable isa = iota\n")
	for _, a := range isas {
		fmt.Fprintf(&asm, "\t%s\n", a.name())
	}
	asm.WriteString(")\n\n// isaOf returns the isa of level l with elements of type T.\nfunc isaOf[T Float](l Level) isa {\n\tsingle := unsafe.Sizeof(T(0)) == 4\n\tswitch {\n")
	for _, a := range isas {
		fmt.Fprintf(&asm, "\tcase l == %s && single == %v:\n\t\treturn %s\n", strings.ToUpper(string(a.level)), a.elem == f32, a.name())
	}
	asm.WriteString("\t}\n\treturn portable\n}\n\n// shapes holds the shape of the tile of each isa.\nvar shapes = [...]shape{\n\tportable: portableShape,\n")
	for _, a := range isas {
		t := a.start()
		fmt.Fprintf(&asm, "\t%s: {rows: %d, vectors: %d, lanes: %d, size: %d, square: %d, slack: %d},\n",
			a.name(), tileRows[a.level], tileVectors[a.level], t.lanes(), a.size(), 32/a.size(), packSlack)
	}
	asm.WriteString("}\n\n// testHookCall, if not nil, is called before each kernel with its name and work.\nvar testHookCall func(kernel string, work int)\n\n// at returns the address of s[0], or nil if s is nil. F must be the type that T is.\nfunc at[F, T Float](s []T) *F { return (*F)(unsafe.Pointer(unsafe.SliceData(s))) }\n")

	noasm.WriteString(generated + "//go:build !amd64 || purego\n\npackage kernels\n\n")
	fmt.Fprintf(&noasm, "import %q\n\n", importPath+"/kernels/internal/panel")
	noasm.WriteString("const portable isa = 0\n\nfunc isaOf[T Float](Level) isa { return portable }\n\nvar shapes = [...]shape{portable: portableShape}\n")
	for _, fam := range families {
		for _, op := range fam.operations {
			if op.args != "" {
				op.dispatch(&asm, &noasm)
			}
		}
	}
	var out []file
	for name, b := range map[string]*bytes.Buffer{"dispatch_amd64.go": &asm, "dispatch_noasm.go": &noasm} {
		text, err := format.Source(b.Bytes())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, file{name, text})
	}
	return out, nil
}

// element matches the element type in an operation's arguments.
var element = regexp.MustCompile(`\bT\b`)

// dispatch writes the operation's method to both files.
func (op operation) dispatch(asm, noasm *bytes.Buffer) {
	result, give := "", ""
	if op.result {
		result, give = "T ", "return "
	}
	head := fmt.Sprintf("\nfunc (e *Engine[T]) %s(%s) %s{\n", op.name, op.params, result)
	fmt.Fprintf(noasm, "%s\t%s%s\n}\n", head, give, op.portable)
	fmt.Fprintf(asm, "%s\tif testHookCall != nil {\n\t\ttestHookCall(%q, %s)\n\t}\n\tswitch e.isa {\n", head, op.name, op.work)
	for _, a := range isas {
		call := fmt.Sprintf("%s.%s(%s)", a.level, symbol(op.name, a.elem), element.ReplaceAllString(op.args, a.elem.goType()))
		if op.result {
			call = "return T(" + call + ")"
		}
		fmt.Fprintf(asm, "\tcase %s:\n\t\t%s\n", a.name(), call)
	}
	if op.result {
		fmt.Fprintf(asm, "\t}\n\treturn %s\n}\n", op.portable)
	} else {
		fmt.Fprintf(asm, "\tdefault:\n\t\t%s\n\t}\n}\n", op.portable)
	}
}
