using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Analysis;

/// <summary>
/// Cuts heads of attention out of models (Michel et al. 2019, arXiv:1905.10650): their rows of the query, key and value projections, and their
/// columns of the output projection, whose bias stays. What comes out equals the model with those heads set to zero, and is smaller and faster.
/// </summary>
public static partial class HeadPruner
{
    /// <summary>Cuts heads out of a model; the model itself stays as it is.</summary>
    /// <param name="model">The model, with values.</param>
    /// <param name="family">Its family.</param>
    /// <param name="heads">The heads by block, by their numbers in the model before any were cut out; those that are gone already may be named again.</param>
    /// <returns>A model whose configuration says what was cut out, as Hugging Face's does (<c>pruned_heads</c>).</returns>
    /// <exception cref="ArgumentException">The family's heads cannot be cut out.</exception>
    /// <exception cref="AttuneFormatException">A block or head does not exist, or a block would lose all of its heads.</exception>
    public static Model Prune(Model model, IFamily family, IReadOnlyDictionary<int, IReadOnlyList<int>> heads)
    {
        AttentionShape[] attentions = HeadImportance.AttentionsOf(model);
        Dictionary<int, int[]> before = Pruned(new JsonFields(model.Config, ModelFolder.ConfigName)), after = new(before);
        foreach ((int block, IReadOnlyList<int> cut) in heads)
            after[block] = [.. before.GetValueOrDefault(block, []).Union(cut).Order()];
        var node = (JsonObject)model.Config.DeepClone();
        node[ConfigFields.PrunedHeadsKey] = new JsonObject(after.Where(entry => entry.Value.Length > 0).OrderBy(entry => entry.Key).Select(entry =>
            KeyValuePair.Create(entry.Key.ToString(System.Globalization.CultureInfo.InvariantCulture),
                (JsonNode?)new JsonArray([.. entry.Value.Select(head => (JsonNode)head)]))));
        var config = new JsonFields(node, ModelFolder.ConfigName);
        int classes = ModelFolder.ClassesOf(config);
        Model pruned = family.Declare(config, [.. model.Heads.Select(head => new HeadRequest(head.Kind, classes))]);
        if (model.Mixer is not null || !SameHeads(HeadImportance.AttentionsOf(pruned), attentions, before, after))
            throw new ArgumentException($"Heads cannot be cut out of models of the family '{family.ModelType}' (or with mixers of another kind).", nameof(model));

        Dictionary<string, Parameter> old = model.Parameters().ToDictionary(named => named.Path, named => named.Parameter, StringComparer.Ordinal);
        foreach ((string path, Parameter parameter) in pruned.Parameters())
        {
            Tensor value = old[path].Value;
            if (parameter.Shape == value.Shape)
            {
                parameter.Use(value);
                continue;
            }
            Match projection = Projection().Match(path);
            if (!projection.Success)
                throw new ArgumentException($"The parameter '{path}' changes its shape with the heads, and nothing says how.", nameof(family));
            int block = int.Parse(projection.Groups["block"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
            AttentionShape attention = attentions[block];
            int all = attention.Heads + before.GetValueOrDefault(block, []).Length;
            int[] there = [.. Enumerable.Range(0, all).Except(before.GetValueOrDefault(block, []))];
            int[] kept = [.. Enumerable.Range(0, there.Length).Where(place => !after.GetValueOrDefault(block, []).Contains(there[place]))];
            int parts = projection.Groups["part"].Value == "packed" ? 3 : 1;
            int[] lines = [.. Enumerable.Range(0, parts).SelectMany(part => kept.SelectMany(head =>
                Enumerable.Range((part * there.Length + head) * attention.HeadWidth, attention.HeadWidth)))];
            parameter.Use(Cut(value, parameter.Shape, lines));
        }
        return pruned;
    }

    private static Dictionary<int, int[]> Pruned(JsonFields config)
    {
        Dictionary<int, int[]> pruned = [];
        foreach (string key in config.ChildOrNull(ConfigFields.PrunedHeadsKey)?.Keys ?? [])
            pruned[int.Parse(key, System.Globalization.CultureInfo.InvariantCulture)] = [.. config.Child(ConfigFields.PrunedHeadsKey).IntArray(key)];
        return pruned;
    }

    private static bool SameHeads(AttentionShape[] pruned, AttentionShape[] old, Dictionary<int, int[]> before, Dictionary<int, int[]> after) =>
        pruned.Index().All(entry => entry.Item.Heads == old[entry.Index].Heads
            + before.GetValueOrDefault(entry.Index, []).Length - after.GetValueOrDefault(entry.Index, []).Length);

    // The lines along the one axis that becomes shorter.
    private static Tensor Cut(Tensor value, Shape shape, int[] lines)
    {
        int axis = shape.Rank == 2 && shape[0] == value.Shape[0] ? 1 : 0;
        int inner = axis == 0 && shape.Rank == 2 ? shape[1] : 1, outer = axis == 0 ? 1 : shape[0], extent = value.Shape[axis];
        Tensor cut = Tensor.Zeros(shape);
        ReadOnlySpan<float> source = value.Span;
        Span<float> target = cut.Span;
        for (int row = 0; row < outer; row++)
        {
            for (int line = 0; line < lines.Length; line++)
                source.Slice((row * extent + lines[line]) * inner, inner).CopyTo(target[((row * lines.Length + line) * inner)..]);
        }
        return cut;
    }

    [GeneratedRegex(@"layers\.(?<block>\d+)\.mixer\.(?<part>query|key|value|packed|output)\.(weight|bias)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Projection();
}
