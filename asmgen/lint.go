package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// common are the instruction sets of every amd64. required lists those that a level needs
// besides, by the names that avo and package cpuid give them: the lint allows them, and
// [dispatch] makes a level available where the processor has them all.
var (
	common   = []string{"CMOV", "MMX+", "SSE", "SSE2"}
	required = map[level][]string{
		avx2:   {"AVX", "AVX2", "FMA3"},
		avx512: {"AVX", "AVX2", "FMA3", "BMI2", "AVX512F", "AVX512BW", "AVX512DQ", "AVX512VL"},
	}
)

// lint reports what avo accepts but Lanes must not ship at a level of amd64: an instruction
// or a vector register that the level lacks, a return without VZEROUPPER, a jump to another
// function that leaves a frame on the stack, a function that is not noescape.
func lint(f *ir.File, l level) error {
	var errs []error
	for _, fn := range f.Functions() {
		report := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("%s: "+format, append([]any{fn.Name}, args...)...))
		}
		var previous *ir.Instruction
		for _, i := range fn.Instructions() {
			for _, set := range i.ISA {
				if !slices.Contains(common, set) && !slices.Contains(required[l], set) {
					report("%s needs %s, which %s lacks", i.Opcode, set, l)
				}
			}
			for _, op := range i.Operands {
				for _, r := range operand.Registers(op) {
					if p, ok := r.(reg.Physical); ok && l == avx2 && r.Kind() == reg.KindVector && p.PhysicalIndex() > 15 {
						report("%s uses %s, which %s lacks", i.Opcode, p.Asm(), l)
					}
				}
			}
			if i.Opcode == "JMP" && i.TargetLabel() == nil && fn.LocalSize > 0 {
				report("JMP to another function with a frame on the stack")
			}
			if i.Opcode == "RET" && (previous == nil || previous.Opcode != "VZEROUPPER") {
				report("RET without VZEROUPPER")
			}
			previous = i
		}
	}
	return errors.Join(append(errs, lintPragmas(f))...)
}

// lintPragmas reports a function that is not noescape, whose callers would allocate.
func lintPragmas(f *ir.File) error {
	var errs []error
	for _, fn := range f.Functions() {
		if !slices.ContainsFunc(fn.Pragmas, func(p ir.Pragma) bool { return p.Directive == "noescape" }) {
			errs = append(errs, fmt.Errorf("%s: not noescape", fn.Name))
		}
	}
	return errors.Join(errs...)
}
