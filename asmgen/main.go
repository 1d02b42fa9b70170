// Asmgen writes the assembly of package kernels, with its Go declarations.
//
//	go generate ./...
//
// Every operation is described once, for any element type and level; a file
// holds one operation family for one type and level. [files] is the whole
// output, so that a test can compare it with what is committed.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// dir is where the generated files live, seen from this folder.
const dir = "../kernels"

//go:generate go run .

func main() {
	log.SetFlags(0)
	log.SetPrefix("asmgen: ")
	fs, err := files()
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range fs {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

type file struct {
	name string
	data []byte
}

// family is a group of operations that share a file.
type family struct {
	name     string
	generate func(*target)
}

var families = []family{
	{"gemm", gemm},
	{"gemmnarrow", gemmNarrow},
	{"vector", vectorRow},
	{"pack", pack},
	{"elementwise", elementwise},
	{"optimizer", optimizers},
	{"softmax", softmax},
	{"explog", exponentials},
	{"crossentropy", crossEntropy},
	{"reduce", sumSquares},
}

// files generates every file: assembly and declarations of each family for each
// target.
func files() ([]file, error) {
	var out []file
	for _, arch := range targets {
		for _, fam := range families {
			t := arch.start()
			fam.generate(t)
			f, err := t.Result()
			if err != nil {
				return nil, fmt.Errorf("%s for %s: %w", fam.name, t.suffix(), err)
			}
			base := fam.name + "_" + t.suffix() + "_amd64"
			fs, err := compile(f, t.level, base)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", base, err)
			}
			out = append(out, fs...)
		}
	}
	return out, nil
}

// compile assigns registers, lints, and prints.
func compile(f *ir.File, l level, base string) ([]file, error) {
	if err := pass.Compile.Execute(f); err != nil {
		return nil, err
	}
	if err := lint(f, l); err != nil {
		return nil, err
	}
	cfg := printer.Config{Name: "asmgen", Pkg: "kernels"}
	asm, err := printer.NewGoAsm(cfg).Print(f)
	if err != nil {
		return nil, err
	}
	stubs, err := printer.NewStubs(cfg).Print(f)
	if err != nil {
		return nil, err
	}
	// avo prints a line of spaces where a comment is empty.
	asm = bytes.ReplaceAll(asm, []byte("\t\n"), []byte("\n"))
	return []file{{base + ".s", asm}, {base + ".go", stubs}}, nil
}
