package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"

	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/reg"
)

// argsFile declares the arguments of a panel kernel. Its path is relative to this
// folder.
const argsFile = dir + "/internal/panel/args.go"

// panelFunction sets the signature func(p *panel.Args[T]), and adds lines to the doc
// comment.
func (t *target) panelFunction(doc ...string) {
	args, err := panelArgs(t.elem)
	if err != nil {
		panic(fmt.Sprintf("asmgen: %s: %v", argsFile, err))
	}
	p := types.NewParam(token.NoPos, nil, "p", types.NewPointer(args))
	t.Signature(gotypes.NewSignature(nil, types.NewSignatureType(nil, nil, nil, types.NewTuple(p), nil, false)))
	t.Doc(append(t.doc, doc...)...)
}

// panelArgs returns the type panel.Args[T] for an element type, read from its Go source.
func panelArgs(e elem) (types.Type, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, argsFile, nil, 0)
	if err != nil {
		return nil, err
	}
	pkg, err := new(types.Config).Check("panel", fset, []*ast.File{f}, nil)
	if err != nil {
		return nil, err
	}
	elements := map[elem]types.Type{f32: types.Typ[types.Float32], f64: types.Typ[types.Float64]}
	return types.Instantiate(nil, pkg.Scope().Lookup("Args").Type(), []types.Type{elements[e]}, true)
}

// field returns a field of the panel kernel's arguments.
func (t *target) field(name string) gotypes.Component {
	args := t.Dereference(t.Param("p"))
	switch name {
	case "Bias", "Beside", "BesideRow", "ReLU", "Mask", "Scale", "Rate":
		return args.Field("Epilogue").Field(name)
	}
	return args.Field(name)
}

// arg loads a field that is an integer, sliceArg the address of the first element of a
// slice, strideArg a number of elements, which it converts to bytes.
func (t *target) arg(name string) reg.GPVirtual {
	return t.Load(t.field(name), t.GP64()).(reg.GPVirtual)
}

func (t *target) sliceArg(name string) reg.GPVirtual {
	return t.Load(t.field(name).Base(), t.GP64()).(reg.GPVirtual)
}

func (t *target) strideArg(name string) reg.GPVirtual {
	r := t.arg(name)
	t.inBytes(r)
	return r
}
