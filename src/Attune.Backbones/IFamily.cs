using Attune.Formats;
using Attune.Nn.Contracts;

namespace Attune.Backbones;

/// <summary>
/// A published family of models: reads its <c>config.json</c>, puts the model together from shared parts, and knows how its
/// parameters are called. One folder each; registered by one line in the catalog.
/// </summary>
/// <remarks>Stateless and safe to use from many threads.</remarks>
public interface IFamily
{
    /// <summary>The <c>model_type</c> of its configurations.</summary>
    string ModelType { get; }

    /// <summary>What its backbones can do.</summary>
    Capabilities Capabilities { get; }

    /// <summary>The published classes (<c>architectures</c> of a configuration) and the heads each has; the plain backbone has none.</summary>
    IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; }

    /// <summary>
    /// The class of a configuration: what it names or, where it names none, what nothing else can be meant; null if it is the plain backbone.
    /// </summary>
    string? ArchitectureOf(JsonFields config) =>
        config.StringArrayOrNull("architectures") is [var first, ..] ? first : Architectures.Count == 1 ? Architectures.Keys.Single() : null;

    /// <summary>
    /// What the published names of the body start with. Files of a model without heads leave it out; both forms are read.
    /// </summary>
    string BodyPrefix { get; }

    /// <summary>
    /// Names that files may hold besides the parameters and that carry nothing of their own: constant buffers and copies of
    /// tied weights. A trailing or leading <c>*</c> stands for anything.
    /// </summary>
    IReadOnlyList<string> Redundant { get; }

    /// <summary>Parameters that earlier files call otherwise: the published name and the earlier one. Both are read.</summary>
    IReadOnlyDictionary<string, string> EarlierNames => System.Collections.Immutable.ImmutableDictionary<string, string>.Empty;

    /// <summary>What token types are to the backbone of a configuration.</summary>
    TokenTypes TokenTypesOf(JsonFields config) => config.Has("type_vocab_size") ? TokenTypes.Embedded : TokenTypes.None;

    /// <summary>
    /// The number that published position ids have at padding: positions are counted from the next one on, and over real tokens alone. Null
    /// where they are places in the padded row, from 0.
    /// </summary>
    int? PaddingPositionOf(JsonFields config) => null;

    /// <summary>Puts a model together. It has no memory yet: initialise it or load its weights.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="heads">The heads to build.</param>
    /// <exception cref="Attune.Formats.AttuneFormatException">The configuration is not valid.</exception>
    /// <exception cref="NotSupportedException">The family has no such head.</exception>
    Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads);
}
