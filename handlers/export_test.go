package handlers

import "strconv"

// ProblemTypes returns every type of problem with its status.
func ProblemTypes() map[string]string {
	all := map[string]string{}
	for _, k := range append([]kind{kindInvalid, kindOrigin, kindRuleset, kindTooMany, kindInternal}, kinds...) {
		p := k.problem("")
		all[p.Type] = strconv.Itoa(p.Status)
	}
	return all
}
