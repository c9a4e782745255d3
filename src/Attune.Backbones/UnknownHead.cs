using Attune.Nn.Contracts;

namespace Attune.Backbones;

/// <summary>The error of asking a family for a head that it does not have.</summary>
internal static class UnknownHead
{
    public static NotSupportedException Of(IFamily family, HeadKind kind)
    {
        IEnumerable<string> known = family.Architectures.Values.SelectMany(k => k).Select(k => k.Name).Distinct();
        return new NotSupportedException($"The family '{family.ModelType}' has no '{kind}' head; it has: {string.Join(", ", known)}.");
    }
}
