using Attune.Formats;
using Attune.Nn.Contracts;

namespace Attune.Backbones;

/// <summary>Puts models together from configurations that cannot be trusted.</summary>
public static class ModelDeclaration
{
    // 64 TiB of weights.
    private const long MaxParameters = 1L << 44;

    /// <summary>
    /// Puts a model together as <see cref="IFamily.Build"/> does, and makes sure that its parameters can be counted. It has no memory yet.
    /// </summary>
    /// <param name="family">The family.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="heads">The heads to build.</param>
    /// <exception cref="AttuneFormatException">The configuration is not valid, or its sizes multiply to more than any machine holds.</exception>
    /// <exception cref="NotSupportedException">The family has no such head.</exception>
    public static Model Declare(this IFamily family, JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        try
        {
            Model model = family.Build(config, heads);
            // Throws where the sum is beyond counting: this project is compiled with overflow checks.
            long parameters = model.Parameters().Sum(named => named.Parameter.Shape.Count);
            return parameters <= MaxParameters ? model : throw Excessive(config);
        }
        catch (OverflowException e)
        {
            throw Excessive(config, e);
        }
    }

    private static AttuneFormatException Excessive(JsonFields config, OverflowException? cause = null) => new(
        config.Path, "the sizes", "some whose product is beyond counting", "those of a model that fits into a machine", inner: cause);
}
