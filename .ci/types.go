// Command types type-checks this module's packages, with their tests, for another system. To
// vet them there would compile the standard library for it, which takes minutes.
//
// Usage: go run .ci/types.go GOOS GOARCH
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// checked are the packages that were checked, by what go list calls them.
type checked map[string]*types.Package

// imports are those of a package that go list calls otherwise than its files do.
type imports struct {
	checked
	renamed map[string]string
}

func (i imports) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if name, ok := i.renamed[path]; ok {
		path = name
	}
	if p := i.checked[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("%s is not listed", path)
}

func main() {
	log.SetFlags(0)
	system, processor := os.Args[1], os.Args[2]
	list := exec.Command("go", "list", "-deps", "-test", "-json=ImportPath,Dir,GoFiles,ImportMap,DepOnly", "./...")
	list.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+processor, "CGO_ENABLED=0")
	list.Stderr = os.Stderr
	listed, err := list.StdoutPipe()
	if err != nil {
		log.Fatal(err)
	}
	if err := list.Start(); err != nil {
		log.Fatal(err)
	}
	files, all, own := token.NewFileSet(), checked{}, 0
	for packages := json.NewDecoder(listed); packages.More(); { // those that a package imports come before it
		var p struct {
			ImportPath, Dir string
			GoFiles         []string
			ImportMap       map[string]string
			DepOnly         bool
		}
		if err := packages.Decode(&p); err != nil {
			log.Fatal(err)
		}
		if strings.HasSuffix(p.ImportPath, ".test") || p.ImportPath == "unsafe" { // the main function of tests
			continue
		}
		var parsed []*ast.File
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				log.Fatal(err)
			}
			parsed = append(parsed, f)
		}
		config := types.Config{
			Importer:         imports{all, p.ImportMap},
			Sizes:            types.SizesFor("gc", processor),
			IgnoreFuncBodies: p.DepOnly,
		}
		path, _, _ := strings.Cut(p.ImportPath, " ")
		if all[p.ImportPath], err = config.Check(path, files, parsed, nil); err != nil {
			log.Fatalf("%s/%s: %v", system, processor, err)
		}
		if !p.DepOnly {
			own++
		}
	}
	if err := list.Wait(); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s/%s: %d packages and tests\n", system, processor, own)
}
