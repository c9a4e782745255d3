using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors.Autograd;

namespace Attune.Diagnostics;

/// <summary>What a model costs, worked out from its configuration alone: neither its weights nor their memory are needed.</summary>
public sealed record ModelCosts
{
    private const int BytesOfFloat = 4;

    // Weight, gradient and the two moments of Adam, float32 each.
    private const int TrainedFloatsPerParameter = 4;

    /// <summary>The family.</summary>
    public required string Family { get; init; }

    /// <summary>The heads that are counted.</summary>
    public required IReadOnlyList<string> Heads { get; init; }

    /// <summary>What the backbone can do.</summary>
    public required Capabilities Capabilities { get; init; }

    /// <summary>The width of its vectors.</summary>
    public required int Width { get; init; }

    /// <summary>The longest sequence; null if there is no limit.</summary>
    public required int? MaxLength { get; init; }

    /// <summary>The parameters of each part; a shared one counts once, constant buffers do not count.</summary>
    public required IReadOnlyList<(string Part, long Parameters)> Parts { get; init; }

    /// <summary>Sequences of the batch that is measured.</summary>
    public required int Sequences { get; init; }

    /// <summary>Tokens of each sequence.</summary>
    public required int Length { get; init; }

    /// <summary>The multiply-adds of a forward pass: one for each multiplication and addition of a product.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>The bytes of all results of a forward pass, as a training step keeps them.</summary>
    public required long ResultBytes { get; init; }

    /// <summary>The number of parameters.</summary>
    public long Parameters => Parts.Sum(part => part.Parameters);

    /// <summary>The bytes of the weights in float32.</summary>
    public long WeightBytes => Parameters * BytesOfFloat;

    /// <summary>About the bytes that a training step with Adam needs: parameters, their gradients and moments; results and their gradients.</summary>
    public long TrainingBytes => (Parameters * BytesOfFloat * TrainedFloatsPerParameter) + (2 * ResultBytes);

    /// <summary>Works out the costs of a model.</summary>
    /// <param name="path">A model folder, or a <c>config.json</c>.</param>
    /// <param name="sequences">Sequences of the batch.</param>
    /// <param name="length">Tokens of each sequence; null for 128, or what the model takes if that is less.</param>
    /// <exception cref="AttuneFormatException">The configuration is missing or not valid, or its family is not known.</exception>
    /// <exception cref="ArgumentException">The model does not take sequences of this length.</exception>
    public static ModelCosts Of(string path, int sequences = 1, int? length = null)
    {
        JsonFields config = JsonFields.Load(Directory.Exists(path) ? Path.Combine(path, ModelFolder.ConfigName) : path);
        IFamily family = ModelFolder.FamilyOf(config, Catalog.Backbones.All);
        Model model = family.Declare(config, ModelFolder.HeadsOf(config, family));
        int tokens = length ?? Math.Min(128, model.Backbone.MaxLength ?? int.MaxValue);
        var tape = new Tape();
        tape.BeginMeasuring();
        ModelProbe.Run(new Pass(tape), model, sequences, tokens);
        return new ModelCosts
        {
            Family = family.ModelType,
            Heads = [.. model.Heads.Select(head => head.Kind.Name)],
            Capabilities = model.Backbone.Capabilities,
            Width = model.Backbone.Width,
            MaxLength = model.Backbone.MaxLength,
            Parts = [.. model.Parameters()
                .Where(named => named.Parameter.Role != ParameterRole.Buffer)
                .GroupBy(named => PartOf(named.Path))
                .Select(part => (part.Key, part.Sum(named => named.Parameter.Shape.Count)))],
            Sequences = sequences,
            Length = tokens,
            MultiplyAdds = tape.MultiplyAdds,
            ResultBytes = tape.ResultBytes,
        };
    }

    /// <summary>The part of a path: without the root, and all blocks of a stack together.</summary>
    private static string PartOf(string path)
    {
        string[] names = path.Split('.');
        int first = names[0] == "backbone" ? 1 : 0;
        int number = Array.FindIndex(names, name => char.IsAsciiDigit(name[0]));
        return string.Join('.', names[first..(number > first ? number : first + 1)]);
    }
}
