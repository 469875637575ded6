// Licensed under the Apache License, Version 2.0; see LICENSE.

package service

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mod_gojk/ajp"
)

func TestMayRepeat(t *testing.T) {
	const unset = recoveryNotSpecified
	tests := []struct {
		name    string
		failure ajp.Failure
		method  string
		options int
		want    bool
	}{
		{"connect refused: nothing was sent", ajp.Failure{Kind: ajp.KindConnect}, "POST", unset, true},
		{"connect refused: bits do not matter", ajp.Failure{Kind: ajp.KindConnect}, "POST", 3, true},
		{"send failed before the head was out", ajp.Failure{Kind: ajp.KindSend}, "POST", 3, true},
		{"send failed after the head was out", ajp.Failure{Kind: ajp.KindSend, Stage: ajp.StageSent}, "POST", unset, false},
		{"closed, GET", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "GET", unset, true},
		{"closed, PUT is idempotent", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "PUT", unset, true},
		{"closed, POST is not", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "POST", unset, false},
		{"closed, PATCH is not", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "PATCH", unset, false},
		{"closed, unknown method is not", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "BREW", unset, false},
		{"closed, POST, operator wrote 0 as in mod_jk", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "POST", 0, true},
		{"bit 1 forbids after sending", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "GET", 1, false},
		{"bit 2 says nothing before the head", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "GET", 2, true},
		{"bit 2 forbids after the head", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageHeadReceived}, "GET", 2, false},
		{"bit 1 says nothing after the head", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageHeadReceived}, "GET", 1, true},
		{"bits 1+8: HEAD", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "HEAD", 9, true},
		{"bits 1+8: not GET", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "GET", 9, false},
		{"bits 1+16: GET", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "GET", 17, true},
		{"bits 1+8+16: GET too (mod_jk: HEAD only)", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "GET", 25, true},
		{"bits 1+8+16: HEAD too", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent}, "HEAD", 25, true},
		{"head received but nothing handed on, GET", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageHeadReceived}, "GET", unset, true},
		{"the client has seen a part", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageResponded}, "GET", unset, false},
		{"the client has seen a part, operator wrote 0", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageResponded}, "GET", 0, false},
		{"more of the body was read than is kept", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent, BodyRead: true}, "PUT", 0, false},
		{"the container asked for the body", ajp.Failure{Kind: ajp.KindClosed, Stage: ajp.StageSent, BodyAsked: true}, "PUT", 0, false},
		{"reply timeout, GET", ajp.Failure{Kind: ajp.KindTimeout, Stage: ajp.StageSent}, "GET", unset, true},
		{"reply timeout, POST", ajp.Failure{Kind: ajp.KindTimeout, Stage: ajp.StageSent}, "POST", unset, false},
		{"malformed packet, GET", ajp.Failure{Kind: ajp.KindFraming, Stage: ajp.StageSent}, "GET", unset, true},
		{"the client failed", ajp.Failure{Kind: ajp.KindClientRead}, "GET", 0, false},
		{"the client is gone", ajp.Failure{Kind: ajp.KindClientWrite, Stage: ajp.StageResponded}, "GET", 0, false},
		{"too large for the packet", ajp.Failure{Kind: ajp.KindTooLarge}, "GET", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, mayRepeat(&tt.failure, tt.method, tt.options))
		})
	}
}
