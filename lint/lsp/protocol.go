package lsp

import "encoding/json"

// The part of the Language Server Protocol (3.17) that the server speaks, named
// as there. Fields that it has no use for are left out.
type (
	position struct {
		Line      int `json:"line"`
		Character int `json:"character"`
	}
	span struct { // Range
		Start position `json:"start"`
		End   position `json:"end"`
	}
	location struct {
		URI   string `json:"uri"`
		Range span   `json:"range"`
	}

	initializeParams struct {
		RootURI          string            `json:"rootUri"`
		WorkspaceFolders []workspaceFolder `json:"workspaceFolders"`
		// InitializationOptions are the server's own.
		InitializationOptions struct {
			// OpenFilesOnly: nothing is published about files that are not open.
			OpenFilesOnly bool `json:"openFilesOnly"`
		} `json:"initializationOptions"`
		Capabilities struct {
			General struct {
				PositionEncodings []string `json:"positionEncodings"`
			} `json:"general"`
			Workspace struct {
				WorkspaceEdit struct {
					DocumentChanges bool `json:"documentChanges"`
				} `json:"workspaceEdit"`
				DidChangeWatchedFiles struct {
					DynamicRegistration bool `json:"dynamicRegistration"`
				} `json:"didChangeWatchedFiles"`
			} `json:"workspace"`
		} `json:"capabilities"`
	}
	workspaceFolder struct {
		URI string `json:"uri"`
	}
	initializeResult struct {
		Capabilities serverCapabilities `json:"capabilities"`
		ServerInfo   serverInfo         `json:"serverInfo"`
	}
	serverInfo struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	serverCapabilities struct {
		PositionEncoding   string                  `json:"positionEncoding"`
		TextDocumentSync   textDocumentSyncOptions `json:"textDocumentSync"`
		HoverProvider      bool                    `json:"hoverProvider"`
		CodeActionProvider codeActionOptions       `json:"codeActionProvider"`
	}
	textDocumentSyncOptions struct {
		OpenClose bool `json:"openClose"`
		Change    int  `json:"change"`
		Save      bool `json:"save"`
	}
	codeActionOptions struct {
		CodeActionKinds []string `json:"codeActionKinds"`
	}

	textDocument struct { // of all the kinds that name one
		URI     string `json:"uri"`
		Version int    `json:"version"`
		Text    string `json:"text"`
	}
	didOpenParams struct {
		TextDocument textDocument `json:"textDocument"`
	}
	didChangeParams struct {
		TextDocument   textDocument `json:"textDocument"`
		ContentChanges []change     `json:"contentChanges"`
	}
	change struct {
		// Range is what the text replaces. If it is nil, the text replaces everything.
		Range *span  `json:"range"`
		Text  string `json:"text"`
	}
	didChangeWatchedFilesParams struct {
		Changes []struct {
			URI string `json:"uri"`
		} `json:"changes"`
	}

	publishDiagnosticsParams struct {
		URI         string       `json:"uri"`
		Version     *int         `json:"version,omitempty"`
		Diagnostics []diagnostic `json:"diagnostics"`
	}
	diagnostic struct {
		Range              span                 `json:"range"`
		Severity           int                  `json:"severity"`
		Code               string               `json:"code,omitempty"`
		CodeDescription    *codeDescription     `json:"codeDescription,omitempty"`
		Source             string               `json:"source"`
		Message            string               `json:"message"`
		RelatedInformation []relatedInformation `json:"relatedInformation,omitempty"`
	}
	codeDescription struct {
		Href string `json:"href"`
	}
	relatedInformation struct {
		Location location `json:"location"`
		Message  string   `json:"message"`
	}

	hoverParams struct {
		TextDocument textDocument `json:"textDocument"`
		Position     position     `json:"position"`
	}
	hover struct {
		Contents markupContent `json:"contents"`
		Range    span          `json:"range"`
	}
	markupContent struct {
		Kind  string `json:"kind"`
		Value string `json:"value"`
	}

	codeActionParams struct {
		TextDocument textDocument `json:"textDocument"`
		Range        span         `json:"range"`
		Context      struct {
			Only []string `json:"only"`
		} `json:"context"`
	}
	codeAction struct {
		Title       string        `json:"title"`
		Kind        string        `json:"kind"`
		Diagnostics []diagnostic  `json:"diagnostics"`
		Edit        workspaceEdit `json:"edit"`

		at position // of the edit
	}
	workspaceEdit struct { // has one of the two
		Changes         map[string][]textEdit `json:"changes,omitempty"`
		DocumentChanges []textDocumentEdit    `json:"documentChanges,omitempty"`
	}
	textDocumentEdit struct {
		TextDocument versionedDocument `json:"textDocument"`
		Edits        []textEdit        `json:"edits"`
	}
	versionedDocument struct {
		URI     string `json:"uri"`
		Version int    `json:"version"`
	}
	textEdit struct {
		Range   span   `json:"range"`
		NewText string `json:"newText"`
	}

	messageParams struct { // of window/showMessage and window/logMessage
		Type    int    `json:"type"`
		Message string `json:"message"`
	}
	registrationParams struct {
		Registrations []registration `json:"registrations"`
	}
	registration struct {
		ID              string `json:"id"`
		Method          string `json:"method"`
		RegisterOptions any    `json:"registerOptions"`
	}
	watchOptions struct {
		Watchers []watcher `json:"watchers"`
	}
	watcher struct {
		GlobPattern string `json:"globPattern"`
	}
)

// Values of the protocol's enumerations.
const (
	severityError       = 1
	severityWarning     = 2
	severityInformation = 3
	syncIncremental     = 2
	messageError        = 1
	quickFix            = "quickfix"
)

// codec reads and writes what messages carry.
type codec struct{}

func (codec) Marshal(v any) ([]byte, error)      { return json.Marshal(v) }
func (codec) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }
