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
        var names = new WeightNames(weights, family);
        HashSet<string> required = RequiredNames(model, family, options.MissingHeads);
        foreach ((string name, Parameter parameter) in model.NamedParameters())
        {
            if (names.Find(name) is { } stored)
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
        string[] rest = [.. weights.Tensors.Select(t => t.Name).Where(n => !used.Contains(n) && !names.IsRedundant(n))];
        // Heads that were not asked for may stay in the file; but what no architecture of the family has belongs to another model.
        string[] unexpected = options.Heads is null && rest.Length > 0 ? names.NotAmong(AllNames(model, family), rest) : [];
        if (missing.Count + misshapen.Count + unexpected.Length > 0)
            throw Mismatch(weights.Path, missing, unexpected, misshapen);

        foreach ((_, StoredTensor stored, Parameter parameter) in found)
        {
            if (stored.FirstNonFinite() is { } at)
                throw new AttuneFormatException(weights.Path, $"tensor '{stored.Name}'", $"NaN or infinity at element {at}", "finite numbers", "The weights are damaged, or their training diverged; use an earlier checkpoint.");
            parameter.Use(TensorOf(stored, parameter.Shape));
            // The check has read all of them; of a model that only answers most are read once more, to be packed.
            stored.GiveBack();
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
        HashSet<string> names = [.. NamesWith(model, family, ModelFolder.HeadsOf(new JsonFields(model.Config, ModelFolder.ConfigName), family))];
        if (missing == MissingHeads.AllInitialized)
        {
            foreach (IEnumerable<string> others in NamesOfArchitectures(model, family))
                names.IntersectWith(others);
        }
        return names;
    }

    private static IEnumerable<string> AllNames(Model model, IFamily family) => NamesOfArchitectures(model, family).SelectMany(names => names).Distinct();

    private static IEnumerable<IEnumerable<string>> NamesOfArchitectures(Model model, IFamily family)
    {
        int classes = ModelFolder.ClassesOf(new JsonFields(model.Config, ModelFolder.ConfigName));
        return family.Architectures.Values.Select(heads => NamesWith(model, family, [.. heads.Select(kind => new HeadRequest(kind, classes))]));
    }

    // What a model of the same configuration with other heads calls its parameters.
    private static IEnumerable<string> NamesWith(Model model, IFamily family, IReadOnlyList<HeadRequest> heads)
    {
        Model declared = family.Declare(new JsonFields(model.Config, ModelFolder.ConfigName), heads);
        if (model.Mixer is { } mixer)
            declared.ReplaceMixers(new JsonFields(mixer, AttuneFile.Name));
        return declared.NamedParameters().Select(p => p.Name);
    }

    /// <summary>Adds a tensor to a file to be written.</summary>
    public static unsafe void Add(SafetensorsWriter writer, string name, Tensor tensor) =>
        writer.Add(name, tensor.Shape.ToArray(), tensor.Pointer, tensor);

    private static unsafe Tensor TensorOf(StoredTensor stored, Shape shape)
    {
        if (stored.DType == DType.F32 && (nint)stored.Pointer % sizeof(float) == 0)
            return Tensor.Over(shape, (float*)stored.Pointer, stored, stored.GiveBack);
        if (stored.DType is not (DType.F32 or DType.BF16 or DType.F16))
        {
            Tensor converted = Tensor.Zeros(shape);
            stored.CopyTo(converted.Span);
            return converted;
        }
        // Most weights of a model that only answers are never read as float32 but to be packed.
        return Tensor.Deferred(shape, converted =>
        {
            stored.CopyTo(converted.Span);
            stored.GiveBack();
        });
    }

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
