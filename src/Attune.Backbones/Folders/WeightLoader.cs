using System.Text;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Backbones.Folders;

/// <summary>Gives a model's parameters the tensors of a weight file, and says what does not fit.</summary>
internal static class WeightLoader
{
    private const int MaxListed = 20;

    public static LoadedModel Load(Model model, IFamily family, IWeightFile weights, LoadOptions options)
    {
        HashSet<string> used = new(StringComparer.Ordinal);
        List<string> missing = [], initialized = [], misshapen = [];
        List<(string Name, StoredTensor Stored, Parameter Parameter)> found = [];
        HashSet<string> required = RequiredNames(model, family, options.MissingHeads);
        foreach ((string name, Parameter parameter) in model.NamedParameters())
        {
            if (Find(weights, family, name) is { } stored)
            {
                used.Add(stored.Name);
                if (parameter.Shape.ToArray().AsSpan().SequenceEqual(stored.Shape.AsSpan()))
                    found.Add((name, stored, parameter));
                else
                    misshapen.Add($"{name}: the file has {stored.ShapeText}, the model {parameter.Shape}");
            }
            else if (options.MissingHeads != MissingHeads.Refused && !required.Contains(name))
            {
                initialized.Add(name);
            }
            else
            {
                missing.Add($"{name} {parameter.Shape}");
            }
        }
        string[] rest = [.. weights.Tensors.Select(t => t.Name).Where(n => !used.Contains(n) && !IsRedundant(n, family))];
        // Heads that were not asked for may stay in the file; the folder's own architecture must account for everything.
        string[] unexpected = options.Heads is null ? rest : [];
        if (missing.Count + misshapen.Count + unexpected.Length > 0)
            throw Mismatch(weights.Path, missing, unexpected, misshapen);

        foreach ((_, StoredTensor stored, Parameter parameter) in found)
        {
            if (stored.FirstNonFinite() is { } at)
                throw new AttuneFormatException(weights.Path, $"tensor '{stored.Name}'", $"NaN or infinity at element {at}", "finite numbers", "The weights are damaged, or their training diverged; use an earlier checkpoint.");
            parameter.Use(TensorOf(stored, parameter.Shape));
        }
        model.Initialize(options.Seed);
        return new LoadedModel(model, initialized, rest);
    }

    /// <summary>
    /// What the file must hold: all that the folder's own architecture has or, where all heads may be missing, what every architecture of the
    /// family has. Anything else, such as a head that was asked for or the pooler in front of it, may be started afresh.
    /// </summary>
    private static HashSet<string> RequiredNames(Model model, IFamily family, MissingHeads missing)
    {
        var config = new JsonFields(model.Config, ModelFolder.ConfigName);
        HashSet<string> NamesWith(IReadOnlyList<HeadRequest> heads)
        {
            Model declared = family.Declare(config, heads);
            if (model.Mixer is { } mixer)
                declared.ReplaceMixers(new JsonFields(mixer, AttuneFile.Name));
            return [.. declared.NamedParameters().Select(p => p.Name)];
        }

        HashSet<string> names = NamesWith(ModelFolder.HeadsOf(config, family));
        if (missing == MissingHeads.AllInitialized)
        {
            foreach (IReadOnlyList<HeadKind> heads in family.Architectures.Values)
                names.IntersectWith(NamesWith([.. heads.Select(kind => new HeadRequest(kind, ModelFolder.ClassesOf(config)))]));
        }
        return names;
    }

    /// <summary>Adds a tensor to a file to be written.</summary>
    public static unsafe void Add(SafetensorsWriter writer, string name, Tensor tensor) =>
        writer.Add(name, tensor.Shape.ToArray(), tensor.Pointer, tensor);

    internal static StoredTensor? Find(IWeightFile weights, IFamily family, string name)
    {
        if (weights.TryGet(name, out StoredTensor? stored))
            return stored;
        string bare = ModelFolder.Unprefixed(name, family);
        if (bare != name && weights.TryGet(bare, out stored))
            return stored;
        return family.EarlierNames.TryGetValue(name, out string? earlier) && weights.TryGet(earlier, out stored) ? stored : null;
    }

    private static unsafe Tensor TensorOf(StoredTensor stored, Shape shape)
    {
        if (stored.DType == DType.F32 && (nint)stored.Pointer % sizeof(float) == 0)
            return Tensor.Over(shape, (float*)stored.Pointer, stored);
        Tensor converted = Tensor.Zeros(shape);
        stored.CopyTo(converted.Span);
        return converted;
    }

    /// <summary>Whether a file may hold a tensor of this name although the model has none.</summary>
    internal static bool IsRedundant(string name, IFamily family) => family.Redundant.Any(pattern =>
        pattern.StartsWith('*') ? name.EndsWith(pattern[1..], StringComparison.Ordinal)
        : pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal)
        : name == pattern);

    private static AttuneFormatException Mismatch(
        string path, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> misshapen)
    {
        var message = new StringBuilder("the weights do not fit the model");
        Append(message, "missing", missing);
        Append(message, "unexpected", unexpected);
        Append(message, "of another shape", misshapen);
        message.Append(". Check that config.json belongs to these weights; to start heads afresh, convert the folder with --init-missing.");
        return new AttuneFormatException(message.ToString(), path);
    }

    private static void Append(StringBuilder message, string what, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return;
        message.Append("; ").Append(what).Append(": ").AppendJoin(", ", names.Take(MaxListed));
        if (names.Count > MaxListed)
            message.Append(System.Globalization.CultureInfo.InvariantCulture, $" and {names.Count - MaxListed} more");
    }
}
