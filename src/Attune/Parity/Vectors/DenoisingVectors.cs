using System.Text.Json;
using Attune.Nn.Contracts;
using Attune.Objectives.SequenceToSequence;
using Attune.Parity.Comparison;

namespace Attune.Parity.Vectors;

/// <summary>BART's noise: text infilling, permuted sentences, rotated documents, deleted tokens.</summary>
internal sealed class DenoisingVectors : IVectorKind
{
    private static readonly Dictionary<string, Func<JsonElement, string?>> Kinds = new()
    {
        ["text_infilling"] = Infilling,
        ["sentence_permutation"] = Permutation,
        ["document_rotation"] = vector => Source(vector, DocumentRotation.Rotate(Text(vector), vector.Int("offset"))),
        ["token_deletion"] = vector => Source(vector, TokenDeletion.Delete(Text(vector), vector.Ints("deleted"))),
    };

    /// <inheritdoc/>
    public string Subject => "denoising";

    /// <inheritdoc/>
    public bool Recognises(JsonElement root) => root.ValueKind == JsonValueKind.Object && Kinds.Keys.Any(kind => root.TryGetProperty(kind, out _));

    /// <inheritdoc/>
    public void Run(JsonElement root, CaseFolder folder, LineTally tally)
    {
        foreach ((string kind, Func<JsonElement, string?> difference) in Kinds)
        {
            foreach (JsonElement vector in root.Below(kind))
                tally.Count(difference(vector) is { } wrong ? $"{kind}: {wrong}" : null);
        }
    }

    private static string? Infilling(JsonElement vector)
    {
        var infilling = new TextInfilling(vector.Int("mask_id"), vector.GetProperty("mask_ratio").GetDouble());
        bool[] starts = vector.Flags("word_start");
        int budget = vector.Int("budget_words");
        var drawn = new Queue<int>(vector.Ints("drawn_lengths"));
        NoisyText text = infilling.Fill(new NoisyText(vector.Ints("tokens"), starts), vector.Ints("span_starts"), vector.Ints("span_words"));
        return VectorFields.Difference("budget", (int)Math.Ceiling(starts.Count(s => s) * infilling.Share), budget)
            ?? VectorFields.Difference("lengths", TextInfilling.Trim(drawn.Dequeue, budget), vector.Ints("trimmed_lengths"))
            ?? Source(vector, infilling.Insert(text, vector.Ints("insert_positions")));
    }

    private static string? Permutation(JsonElement vector)
    {
        var permutation = new SentencePermutation(vector.Int("full_stop"));
        return VectorFields.Difference("ends", permutation.Ends(vector.Ints("tokens")), vector.Ints("sentence_ends"))
            ?? Source(vector, permutation.Permute(Text(vector), vector.Ints("ordering")));
    }

    private static string? Source(JsonElement vector, NoisyText found) => VectorFields.Difference("source", found.Ids, vector.Ints("source"));

    private static NoisyText Text(JsonElement vector) => NoisyText.Of(new Example { Ids = vector.Ints("tokens") });
}
