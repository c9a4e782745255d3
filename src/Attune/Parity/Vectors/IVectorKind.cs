using System.Text.Json;
using Attune.Parity.Comparison;

namespace Attune.Parity.Vectors;

/// <summary>A kind of file that holds vectors (inputs with every random choice written out, and what must come of them).</summary>
internal interface IVectorKind
{
    /// <summary>What the vectors are about.</summary>
    string Subject { get; }

    /// <summary>Whether a file is of this kind, by its fields.</summary>
    bool Recognises(JsonElement root);

    /// <summary>Runs every vector of a file.</summary>
    /// <param name="root">The file.</param>
    /// <param name="folder">The folder it stands in.</param>
    /// <param name="tally">Where vectors are counted.</param>
    void Run(JsonElement root, CaseFolder folder, LineTally tally);
}
