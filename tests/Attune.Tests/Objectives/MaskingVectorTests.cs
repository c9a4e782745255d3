using System.Text.Json;
using Attune.Nn.Contracts;
using Attune.Objectives.Masking;
using Attune.Tests.Architecture;
using Xunit;

namespace Attune.Tests.Objectives;

/// <summary>The vectors in which every random choice is written out: exactly the stated tokens are chosen.</summary>
public sealed class MaskingVectorTests
{
    [Fact]
    public void Counted_masking_chooses_as_the_original_program()
    {
        int cases = 0;
        foreach (JsonElement vector in Cases("bert_masking"))
        {
            Example example = Pieces(vector);
            bool words = vector.GetProperty("whole_word").GetBoolean();
            var units = new MaskingUnits();
            units.Find(example, words);
            CheckUnits(vector, units);

            int goal = CountedMasking.Goal(
                example.Ids.Length, vector.GetProperty("masked_lm_prob").GetDouble(), vector.GetProperty("max_predictions_per_seq").GetInt32());
            Assert.Equal(vector.GetProperty("num_to_predict").GetInt32(), goal);
            List<ChosenToken> chosen = [];
            CountedMasking.Take(units, Ints(vector, "group_order_after_shuffle"), goal, chosen);
            Assert.Equal(Ints(vector, "positions"), chosen.Select(c => c.Position).Order());
            cases++;
        }
        Assert.Equal(8, cases);
    }

    [Fact]
    public void N_gram_masking_chooses_as_the_original_program()
    {
        int cases = 0;
        foreach (JsonElement vector in Cases("albert_ngram_masking"))
        {
            var units = new MaskingUnits();
            units.Find(Pieces(vector), words: true);
            CheckUnits(vector, units);
            int goal = CountedMasking.Goal(
                vector.GetProperty("pieces").GetArrayLength(), vector.GetProperty("masked_lm_prob").GetDouble(),
                vector.GetProperty("max_predictions_per_seq").GetInt32());
            Assert.Equal(vector.GetProperty("num_to_predict").GetInt32(), goal);
            var drawn = new Queue<int>(Ints(vector, "drawn_n_per_visited_start"));
            List<ChosenToken> chosen = [];
            NGramMasking.Take(units, Ints(vector, "start_order_after_shuffle"), goal, _ => drawn.Dequeue(), chosen);
            Assert.Empty(drawn);
            Assert.Equal(Ints(vector, "positions"), chosen.Select(c => c.Position).Order());
            cases++;
        }
        Assert.Equal(8, cases);
    }

    private static void CheckUnits(JsonElement vector, MaskingUnits units)
    {
        int[][] groups = [.. vector.GetProperty("candidate_groups").EnumerateArray().Select(g => g.EnumerateArray().Select(i => i.GetInt32()).ToArray())];
        Assert.Equal(groups.Length, units.Count);
        for (int unit = 0; unit < units.Count; unit++)
            Assert.Equal(groups[unit], units[unit].ToArray());
    }

    private static Example Pieces(JsonElement vector)
    {
        string[] pieces = [.. vector.GetProperty("pieces").EnumerateArray().Select(p => p.GetString()!)];
        int[] words = new int[pieces.Length];
        int word = -1;
        for (int i = 0; i < pieces.Length; i++)
        {
            if (IsSpecial(pieces[i]))
                words[i] = -1;
            else
                words[i] = pieces[i].StartsWith("##", StringComparison.Ordinal) && word >= 0 ? word : ++word;
        }
        return new Example
        {
            Ids = Enumerable.Range(100, pieces.Length).ToArray(),
            Special = pieces.Select(IsSpecial).ToArray(),
            Words = words,
        };

        static bool IsSpecial(string piece) => piece is "[CLS]" or "[SEP]";
    }

    internal static int[] Ints(JsonElement vector, string name) => [.. vector.GetProperty(name).EnumerateArray().Select(i => i.GetInt32())];

    internal static JsonElement[] Cases(string name)
    {
        using JsonDocument document = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Goldens", "objectives", name + ".json")));
        return [.. document.RootElement.Clone().EnumerateArray()];
    }
}
