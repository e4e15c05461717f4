using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace VoiceConsole.Web.Data;

/// <summary>For <c>dotnet ef migrations add</c>, which needs the model and no database.</summary>
internal sealed class ConsoleContextDesign : IDesignTimeDbContextFactory<ConsoleContext>
{
    public ConsoleContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<ConsoleContext>().UseSqlite("Data Source=:memory:").Options);
}
