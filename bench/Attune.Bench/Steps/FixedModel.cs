using Attune.Nn.Parameters;

namespace Attune.Bench.Steps;

/// <summary>Models that only answer.</summary>
internal static class FixedModel
{
    /// <summary>Initialises a module whose weights then stay the same, as those of a loaded model do.</summary>
    public static void InitializeFixed(this Module module)
    {
        module.Initialize(0);
        foreach ((_, Parameter parameter) in module.Parameters())
            parameter.Use(parameter.Value.Detach());
    }
}
