package main

import "slices"

// allCases is every case, in the order of the report.
func allCases() []Case {
	return slices.Concat(
		requestCases(),
		uriCases(),
		bodyCases(),
		responseCases(),
		malformedCases(),
		mountCases(),
		stickyCases(),
		balanceCases(),
		failoverCases(),
		environmentCases(),
		httpCases(),
		startCases(),
		mountFileCases(),
		mountCopyCases(),
		reloadCases(),
		brokenFileCases(),
		requestLogCases(),
		staticCases(),
		indicatorCases(),
		envVarCases(),
		optionCases(),
		handlerCases(),
		notesCases(),
		variableEnvCases(),
		encodingCases(),
		cookieRuleCases(),
		directiveCases(),
		messageCases(),
	)
}

// direct is the configuration of most cases: one worker, everything mounted.
const direct = "JkMount /* a\n"

// one is the workers of a case with one direct worker, with further properties.
func one(properties ...string) string { return list("a", ajp("a", properties...)) }
