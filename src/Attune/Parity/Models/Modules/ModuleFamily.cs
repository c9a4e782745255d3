using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

namespace Attune.Parity.Models.Modules;

/// <summary>Builds parts of models from the configurations of their own cases.</summary>
/// <param name="family">The family that the part belongs to.</param>
/// <param name="kinds">How each <c>kind</c> of a configuration is built, and how its parameters are called.</param>
internal sealed class ModuleFamily(string family, IReadOnlyDictionary<string, Func<JsonFields, (GoldenModule Module, ParameterNames Names)>> kinds) : IFamily
{
    /// <summary>The parts that have cases.</summary>
    public static IReadOnlyList<ModuleFamily> All { get; } =
    [
        new("lightconv", ConvolutionModules.Kinds), new("dynamicconv", ConvolutionModules.Kinds), new("linformer", LinformerModules.Kinds),
        new("spanbert", SpanBertModules.Kinds), new("set_transformer", SetModules.Kinds),
    ];

    /// <inheritdoc/>
    public string ModelType => family;

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.None;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } =
        new Dictionary<string, IReadOnlyList<HeadKind>> { ["Module"] = [] };

    /// <inheritdoc/>
    public string BodyPrefix => "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = [];

    /// <summary>Whether a case's configuration is of one of the family's parts.</summary>
    public bool Has(string type, JsonFields config) => type == family && config.StringOrNull("kind") is { } kind && kinds.ContainsKey(kind);

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        (GoldenModule module, ParameterNames names) = kinds[config.String("kind")](config);
        return new Model(module, [], names, (JsonObject)config.Node.DeepClone());
    }
}
