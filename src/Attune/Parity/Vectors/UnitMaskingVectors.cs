using System.Text.Json;
using Attune.Nn.Contracts;
using Attune.Objectives.Masking;
using Attune.Parity.Comparison;

namespace Attune.Parity.Vectors;

/// <summary>ERNIE's choice of whole units (words, phrases, names) or single tokens, with a number for each token written out.</summary>
internal sealed class UnitMaskingVectors : IVectorKind
{
    private const double Probability = 0.15;

    /// <inheritdoc/>
    public string Subject => "unit masking";

    /// <inheritdoc/>
    public bool Recognises(JsonElement root) => root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty("cases", out JsonElement cases) && cases.FirstHas("seg_labels", "mask_words", "uniform", "mask_positions");

    /// <inheritdoc/>
    public void Run(JsonElement root, CaseFolder folder, LineTally tally)
    {
        foreach (JsonElement vector in root.Below("cases"))
            tally.Count(Difference(vector));
    }

    private static string? Difference(JsonElement vector)
    {
        var numbers = new Queue<double>(vector.GetProperty("uniform").EnumerateArray().Select(number => number.GetDouble()));
        bool[] whole = vector.Flags("mask_words");
        List<int> positions = [];
        int row = 0;
        foreach (JsonElement labels in vector.GetProperty("seg_labels").EnumerateArray())
        {
            List<ChosenToken> chosen = [];
            new IndependentMasking(Probability, whole[row]).Choose(Labelled(labels), numbers.Dequeue, chosen);
            positions.AddRange(chosen.Select(token => row * vector.Int("padded_length") + token.Position));
            row++;
        }
        return VectorFields.Difference("numbers left", numbers.Count, 0)
            ?? VectorFields.Difference("positions", positions, vector.Ints("mask_positions"));
    }

    // 0 begins a unit, 1 goes on with it, -1 is a special token.
    private static Example Labelled(JsonElement labels)
    {
        int[] marks = [.. labels.EnumerateArray().Select(label => label.GetInt32())];
        int unit = 0;
        return new Example
        {
            Ids = new int[marks.Length],
            Special = marks.Select(mark => mark < 0).ToArray(),
            Words = marks.Select(mark => mark < 0 ? -1 : mark == 0 ? ++unit : unit).ToArray(),
        };
    }
}
