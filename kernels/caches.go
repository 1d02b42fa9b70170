package kernels

import (
	"cmp"

	"github.com/klauspost/cpuid/v2"
	"github.com/klauspost/cpuid/v2/topology"
)

// cache is a level of the caches that hold data.
type cache struct {
	size  int // bytes
	ways  int // lines of each set
	cores int // that share it
}

// waysFor returns how many ways a contiguous operand of so many bytes takes in every set.
func (c cache) waysFor(bytes int) int { return ceilDiv(bytes, c.size/c.ways) }

// caches are the first, second and last level that a core uses.
type caches struct{ l1, l2, l3 cache }

// cachesOf returns the caches of the processor. What it does not tell is what most have:
// 8 ways of 32 KB, 8 ways of 512 KB, and 16 ways of four times the second level for each
// core.
func cachesOf(cpu *cpuid.CPUInfo, system *topology.System) (all caches) {
	for _, p := range system.Packages[:min(1, len(system.Packages))] {
		all.add(cpu, p.Caches)
		for _, g := range p.Groups[:min(1, len(p.Groups))] {
			all.add(cpu, g.Caches)
			for _, c := range g.Cores[:min(1, len(g.Cores))] {
				all.add(cpu, c.Caches)
			}
		}
	}
	all.l1.complete(cpu.Cache.L1D, 32<<10, 8)
	all.l2.complete(cpu.Cache.L2, 512<<10, 8)
	all.l3.complete(cpu.Cache.L3, 4*all.l2.size, 16)
	return all
}

func (all *caches) add(cpu *cpuid.CPUInfo, found []topology.Cache) {
	for _, c := range found {
		level := [...]*cache{1: &all.l1, 2: &all.l2, 3: &all.l3}
		if c.Type != topology.Instruction && c.Level > 0 && c.Level < len(level) {
			*level[c.Level] = cache{c.Size, c.Ways, c.SharedThreads / max(1, cpu.ThreadsPerCore)}
		}
	}
}

// complete sets what is unknown: the size to known or else usual bytes.
func (c *cache) complete(known, usual, ways int) {
	if c.size <= 0 {
		c.size = cmp.Or(max(known, 0), usual)
	}
	if c.ways <= 0 || c.ways > c.size/64 { // 64 bytes are a line
		c.ways = ways
	}
	c.cores = max(1, c.cores)
}
