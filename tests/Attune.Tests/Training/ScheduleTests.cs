using System.Text.Json;
using Attune.Tests.Architecture;
using Attune.Training.Schedules;
using Xunit;

namespace Attune.Tests.Training;

public sealed class ScheduleTests
{
    [Fact]
    public void Every_row_of_the_reference_table_is_met()
    {
        using JsonDocument table = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Goldens", "schedules", "table", "case.json")));
        double tolerance = table.RootElement.GetProperty("tolerances").GetProperty("output").GetDouble();
        int rows = 0;
        foreach (JsonElement row in table.RootElement.GetProperty("rows").EnumerateArray())
        {
            ISchedule schedule = Make(row);
            foreach ((JsonElement step, JsonElement rate) in row.GetProperty("steps").EnumerateArray().Zip(row.GetProperty("lr").EnumerateArray()))
            {
                double expected = rate.GetDouble(), found = schedule.Rate(step.GetInt64());
                // Below a rounding error of the peak, a rate is 0 in the one and 1e-22 in the other.
                double limit = Math.Max(tolerance * expected, 1e-18);
                Assert.True(Math.Abs(found - expected) <= limit, $"{schedule} at {step}: {found}, expected {expected}");
            }
            rows++;
        }
        Assert.Equal(7, rows);
    }

    [Fact]
    public void A_line_whose_warm_up_takes_the_whole_run_ends_at_0()
    {
        var schedule = new LinearSchedule(1e-3, 100, 100);
        Assert.Equal(9.9e-4, schedule.Rate(99), 12);
        Assert.Equal(0, schedule.Rate(100));
    }

    [Fact]
    public void Cosine_falls_to_its_floor()
    {
        var schedule = new CosineSchedule(1e-3, 100, 2000) { FloorRate = 1e-4 };
        Assert.Equal(1e-3, schedule.Rate(100), 12);
        Assert.Equal(1e-4, schedule.Rate(2000), 12);
        Assert.Equal(5.5e-4, schedule.Rate(1050), 12);
    }

    [Fact]
    public void Restarts_begin_again_at_the_peak_and_stay_at_the_floor()
    {
        var schedule = new CosineRestartsSchedule(1, 0, 100, Cycles: 4) { FloorRate = 0.1 };
        Assert.Equal(1, schedule.Rate(0), 12);
        Assert.Equal(1, schedule.Rate(25), 12);
        Assert.Equal(1, schedule.Rate(75), 12);
        Assert.True(schedule.Rate(24) < 0.11);
        Assert.Equal(0.1, schedule.Rate(100), 12);
        Assert.Equal(0.1, schedule.Rate(1000), 12);
    }

    private static ISchedule Make(JsonElement row)
    {
        double rate = row.TryGetProperty("base_lr", out JsonElement peak) && peak.ValueKind == JsonValueKind.Number ? peak.GetDouble() : double.NaN;
        JsonElement args = row.GetProperty("args");
        long Long(string name) => args.GetProperty(name).GetInt64();
        double Double(string name) => args.GetProperty(name).GetDouble();
        return row.GetProperty("schedule").GetString() switch
        {
            "constant_with_warmup" => new ConstantSchedule(rate, Long("num_warmup_steps")),
            "linear" => new LinearSchedule(rate, Long("num_warmup_steps"), Long("num_training_steps")),
            "cosine" => new CosineSchedule(rate, Long("num_warmup_steps"), Long("num_training_steps")) { Cycles = Double("num_cycles") },
            "polynomial" => new PolynomialSchedule(
                rate, Long("num_warmup_steps"), Long("num_training_steps"), Double("lr_end"), Double("power")),
            "inverse_sqrt" => new InverseSquareRootSchedule(rate, Long("num_warmup_steps")),
            "noam" => new NoamSchedule((int)Long("d_model"), Long("warmup_steps"), Double("factor")),
            string other => throw new InvalidOperationException($"Unknown schedule {other}."),
            null => throw new InvalidOperationException("A row without a schedule."),
        };
    }
}
