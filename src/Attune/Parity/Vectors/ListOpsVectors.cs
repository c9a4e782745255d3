using System.Text.Json;
using Attune.Data.Synthetic;
using Attune.Parity.Comparison;

namespace Attune.Parity.Vectors;

/// <summary>ListOps trees as Long Range Arena writes them: their values, lengths and words.</summary>
internal sealed class ListOpsVectors : IVectorKind
{
    private const string Cases = "cases";

    /// <inheritdoc/>
    public string Subject => "ListOps";

    /// <inheritdoc/>
    public bool Recognises(JsonElement root) => root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty(Cases, out JsonElement cases) && cases.FirstHas("source", "target", "length", "alphanumeric_tokens");

    /// <inheritdoc/>
    public void Run(JsonElement root, CaseFolder folder, LineTally tally)
    {
        foreach (JsonElement vector in root.Below(Cases))
        {
            string source = vector.GetProperty("source").GetString()!;
            ListOps tree = ListOps.Parse(source);
            tally.Count(VectorFields.Difference("value", tree.Value, vector.Int("target"))
                ?? VectorFields.Difference("length", tree.Length, vector.Int("length"))
                ?? VectorFields.Difference("written", tree.ToString(), source)
                ?? VectorFields.Difference("words", tree.Words(), vector.GetProperty("alphanumeric_tokens").EnumerateArray().Select(word => word.GetString()!)));
        }
    }
}
