package main

import (
	"bytes"
	"fmt"
	"go/format"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

// dispatch returns the files through which package kernels calls the assembly. They
// hold a method of the engine for every operation: in a file for each architecture with
// assembly a switch over e.isa, in dispatch_noasm.go a call of the portable function. They
// also say which levels are available, and hold the sizes of each isa's tile, for the loops.
func dispatch() ([]file, error) {
	var out []file
	for _, arch := range append(archs, "noasm") {
		name, text := "dispatch_"+arch+".go", dispatchAssembly
		if arch == "noasm" {
			text = dispatchNoAsm
		}
		t, err := template.New(name).Funcs(template.FuncMap{"assembly": assembly, "without": without}).Parse(text)
		if err != nil {
			return nil, err
		}
		of := map[string]any{"Path": importPath, "Without": strings.Join(archs, " && !"), "Operations": methods()}
		of["Levels"] = slices.DeleteFunc(slices.Clone(levels), func(l level) bool { return l.arch() != arch })
		of["ISAs"] = slices.DeleteFunc(slices.Clone(isas), func(i isa) bool { return i.level.arch() != arch })
		b := bytes.NewBufferString(generated)
		if err := t.Execute(b, of); err != nil {
			return nil, err
		}
		source, err := format.Source(b.Bytes())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, file{name, source})
	}
	return out, nil
}

// methods returns the operations that an engine calls.
func methods() (ops []operation) {
	for _, fam := range families {
		for _, op := range fam.operations {
			if op.Args != "" {
				ops = append(ops, op)
			}
		}
	}
	return ops
}

// without says that an operation has no assembly at a level.
func without(op operation, l level) bool { return slices.Contains(absent[l], op.Name) }

// element matches the element type in an operation's arguments.
var element = regexp.MustCompile(`\bT\b`)

// assembly returns the statement that calls an operation's assembly.
func assembly(op operation, i isa) string {
	c := fmt.Sprintf("%s.%s(%s)", i.level, symbol(op.Name, i.elem), element.ReplaceAllString(op.Args, i.elem.goType()))
	if op.Result != "" {
		return fmt.Sprintf("return %s(%s)", op.Result, c)
	}
	return c
}

// Name returns what package kernels calls the level, and Has a condition that holds where
// the processor has the instruction sets that it requires.
func (l level) Name() string { return strings.ToUpper(string(l)) }
func (l level) Has() string {
	if len(required[l]) == 0 {
		return "true"
	}
	return "cpuid.CPU.Supports(cpuid." + strings.Join(required[l], ", cpuid.") + ")"
}

// String, Level, Single and Shape return what package kernels calls the isa and its
// level, whether its elements are float32, and the shape of its tile.
func (i isa) String() string { return string(i.elem) + i.Level() }
func (i isa) Level() string  { return i.level.Name() }
func (i isa) Of() level      { return i.level }
func (i isa) Single() bool   { return i.elem == f32 }
func (i isa) Shape() string {
	return fmt.Sprintf("{rows: %d, vectors: %d, lanes: %d, size: %d, square: %d, slack: %d, short: %d}",
		tileRows[i.level], tileVectors[i.level], i.start().lanes(), i.size(), i.square(), packSlack, shortRows[i.level])
}

const dispatchAssembly = `//go:build !purego

package kernels

import (
	"unsafe"

{{range .Levels}}{{if ne .Has "true"}}	"github.com/klauspost/cpuid/v2"
{{break}}{{end}}{{end}}{{range .Levels}}
	"{{$.Path}}/kernels/internal/{{.}}"{{end}}
	"{{.Path}}/kernels/internal/panel"
)

// Available reports whether this machine and this build can run the level.
func (l Level) Available() bool {
	switch l {
	case Generic:
		return true
{{range .Levels}}	case {{.Name}}:
		return {{.Has}}
{{end}}	}
	return false
}

// The kernels that an engine can call: portable Go, or the assembly of a level for an
// element type.
const (
	portable isa = iota
{{range .ISAs}}	{{.}}
{{end}})

// isaOf returns the isa of level l with elements of type T.
func isaOf[T Float](l Level) isa {
	single := unsafe.Sizeof(T(0)) == 4
	switch {
{{range .ISAs}}	case l == {{.Level}} && single == {{.Single}}:
		return {{.}}
{{end}}	}
	return portable
}

// shapes holds the shape of the tile of each isa.
var shapes = [...]shape{
	portable: portableShape,
{{range .ISAs}}	{{.}}: {{.Shape}},
{{end}}}

// testHookCall, if not nil, is called before each kernel with its name and work.
var testHookCall func(kernel string, work int)

// at returns the address of s[0], or nil if s is nil. F must be the type that T is.
func at[F, T Float](s []T) *F { return (*F)(unsafe.Pointer(unsafe.SliceData(s))) }
{{range $op := .Operations}}
func (e *Engine[T]) {{.Name}}({{.Params}}) {{.Result}} {
	if testHookCall != nil {
		testHookCall("{{.Name}}", {{.Work}})
	}
	switch e.isa {
{{range $.ISAs}}{{if not (without $op .Of)}}	case {{.}}:
		{{assembly $op .}}
{{end}}{{end}}{{if .Result}}	}
	return {{.Portable}}
{{else}}	default:
		{{.Portable}}
	}
{{end}}}
{{end}}`

const dispatchNoAsm = `//go:build !{{.Without}} || purego

package kernels

import "{{.Path}}/kernels/internal/panel"

// Available reports whether this machine and this build can run the level.
func (l Level) Available() bool { return l == Generic }

const portable isa = 0

func isaOf[T Float](Level) isa { return portable }

var shapes = [...]shape{portable: portableShape}
{{range .Operations}}
func (e *Engine[T]) {{.Name}}({{.Params}}) {{.Result}} {
	{{if .Result}}return {{end}}{{.Portable}}
}
{{end}}`
