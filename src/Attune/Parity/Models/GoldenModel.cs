using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Parity.Layouts;
using Attune.Parity.Models.Modules;

namespace Attune.Parity.Models;

/// <summary>The model of a case: its family, its heads, and how the reference calls its parameters.</summary>
internal sealed class GoldenModel
{
    private readonly CaseFolder _folder;
    private readonly IReadOnlyList<HeadRequest>? _heads;
    private Dictionary<string, Parameter>? _parameters;

    private GoldenModel(CaseFolder folder, JsonFields config, IFamily family, IReadOnlyList<HeadRequest>? heads)
    {
        _folder = folder;
        _heads = heads;
        Config = config;
        Family = family;
    }

    /// <summary>The case's description.</summary>
    public JsonFields Case => _folder.Case!;

    /// <summary>The model's configuration.</summary>
    public JsonFields Config { get; }

    /// <summary>The model's family.</summary>
    public IFamily Family { get; }

    /// <summary>Finds a case's family and heads.</summary>
    /// <exception cref="UnknownCaseException">The family or the class is not known.</exception>
    /// <exception cref="AttuneFormatException">The configuration is faulty.</exception>
    public static GoldenModel Read(CaseFolder folder, IReadOnlyList<IFamily> families)
    {
        JsonFields config = JsonFields.Load(folder.File(ModelFolder.ConfigName));
        // Families without a common library have a configuration of their own; the case then names the family.
        string type = config.StringOrNull("model_type") ?? folder.Case!.String("family");
        IFamily family = (IFamily?)ModuleFamily.All.FirstOrDefault(f => f.Has(type, config)) ?? families.FirstOrDefault(f => f.ModelType == type) ?? throw new UnknownCaseException("family", type);
        string? own = family.ArchitectureOf(config);
        string? architecture = folder.Case!.StringOrNull("class") ?? own;
        if (architecture is null)
            throw new UnknownCaseException("kind of case", folder.Case.StringOrNull("family") ?? type, "it names no class of a model");
        if (!family.Architectures.TryGetValue(architecture, out IReadOnlyList<HeadKind>? kinds))
            throw new UnknownCaseException("class", architecture, $"the family '{type}' has {string.Join(", ", family.Architectures.Keys)}");
        int classes = ModelFolder.ClassesOf(config);
        // The folder's own architecture must account for every tensor of the file; another one may leave heads aside.
        IReadOnlyList<HeadRequest>? heads = architecture == own ? null : [.. kinds.Select(kind => new HeadRequest(kind, classes))];
        return new GoldenModel(folder, config, family, heads);
    }

    /// <summary>Loads the model, to be trained.</summary>
    public Model Load()
    {
        Model model = ModelFolder.Load(_folder.Path, Config, Family, new LoadOptions { Heads = _heads, Trainable = true }).Model;
        _parameters = model.NamedParameters().ToDictionary(p => p.Name, p => p.Parameter, StringComparer.Ordinal);
        return model;
    }

    /// <summary>The parameter that the reference calls by a name; null if there is none.</summary>
    public Parameter? Parameter(string name) => _parameters!.GetValueOrDefault(FullName(name));

    /// <summary>The name of a parameter in a model with heads: files of the body alone leave the body's prefix out.</summary>
    public string FullName(string name) =>
        _parameters!.ContainsKey(name) || !_parameters.ContainsKey(Family.BodyPrefix + name) ? name : Family.BodyPrefix + name;
}
